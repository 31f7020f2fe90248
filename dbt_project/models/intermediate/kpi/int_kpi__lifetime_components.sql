-- What customers had brought by the end of a period, how many there were, and how many had gone. A
-- customer has the country and segment on record, so that first and later orders stand together.
-- The margin of goods without a known cost is taken at the rate of the others.
{%- set dimensions = ['country', 'segment'] %}
{%- set measures = [
    'new_customers', 'repeat_customers', 'revenue', 'margin', 'costed_revenue',
    'arrivals', 'departures',
] %}
{%- set given = {
    'orders': ['new_customers', 'repeat_customers', 'revenue', 'margin', 'costed_revenue'],
    'refunds': ['revenue'],
    'arrived': ['arrivals'],
    'departed': ['departures'],
} %}
with customers as (
    select
        customer_key,
        {{ segment_of('country') }} as country,
        {{ segment_of('segment') }} as segment
    from {{ ref('int_core__customers') }}
),

orders as (
    select
        customer_key,
        order_date as activity_date,
        case when order_number = 1 then 1 else 0 end as new_customers,
        case when order_number = 2 then 1 else 0 end as repeat_customers,
        net_revenue as revenue,
        margin,
        case when margin is not null then net_revenue end as costed_revenue
    from {{ ref('int_core__orders_valued') }}
    where is_revenue and customer_key is not null
),

refunds as (
    select
        customer_key,
        refund_date as activity_date,
        -refunded as revenue
    from {{ ref('int_core__refunds_valued') }}
    where is_revenue and customer_key is not null
),

-- Only customers whose silence has a measure can be seen to go.
purchases as (
    select
        bought.customer_key,
        bought.order_date,
        histories.churn_after_days,
        coalesce(bought.days_since_previous > histories.churn_after_days, true) as is_arrival,
        coalesce(
            lead(bought.days_since_previous) over (
                partition by bought.customer_key order by bought.order_date nulls last
            ),
            histories.silent_days
        ) as silent_days
    from {{ ref('int_retention__purchase_days') }} as bought
    inner join {{ ref('int_retention__purchase_histories') }} as histories
        on bought.customer_key = histories.customer_key
    where histories.churn_after_days is not null
),

-- A customer is there from the first purchase, or the first after a silence that was too long,
-- until a silence becomes too long.
stays as (
    select
        *,
        max(case when is_arrival then order_date end) over (
            partition by customer_key
            order by order_date nulls last
            rows between unbounded preceding and current row
        ) as there_since
    from purchases
),

arrived as (
    select
        customer_key,
        order_date as activity_date,
        1 as arrivals
    from stays
    where is_arrival
),

departed as (
    select
        customer_key,
        cast({{ dbt.dateadd('day', 'churn_after_days + 1', 'order_date') }} as date)
            as activity_date,
        there_since,
        1 as departures
    from stays
    where silent_days > churn_after_days
),

facts as (
    {% for input, known in given.items() %}
        select
            {% for measure in measures %}
                cast({{ measure if measure in known else 'null' }} as decimal(18, 4))
                    as {{ measure }},
            {% endfor %}
            {{ 'there_since' if input == 'departed' else 'cast(null as date)' }}
                as there_since,
            customer_key,
            activity_date
        from {{ input }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

days as (
    select
        {% for measure in measures %}
            coalesce(sum(facts.{{ measure }}), 0) as {{ measure }},
        {% endfor %}
        facts.activity_date,
        facts.there_since,
        customers.country,
        customers.segment
    from facts
    inner join customers on facts.customer_key = customers.customer_key
    group by facts.activity_date, facts.there_since, customers.country, customers.segment
),

period_facts as (
    select
        days.*,
        period_days.period_grain,
        period_days.period_start,
        -- Who came and went within the period was not there when it began.
        case when days.there_since < period_days.period_start then days.departures else 0 end
            as lost_customers
    from days
    inner join {{ ref('int_core__period_days') }} as period_days
        on days.activity_date = period_days.date_day
),

summed as (
    {{ sums_by_dimension(
        'period_facts', ['period_grain', 'period_start'], dimensions,
        measures + ['lost_customers']
    ) }}
),

-- Every period from a segment's first on, so that a quiet one has what there was before.
spine as (
    select
        segments.dimension,
        segments.segment,
        periods.period_grain,
        periods.period_start,
        case periods.period_grain when 'month' then 1 when 'quarter' then 3 when 'year' then 12 end
        * {{ ratio('periods.days_elapsed', 'periods.days_in_period') }} as months
    from (
        select
            period_grain,
            dimension,
            segment,
            min(period_start) as first_start
        from summed
        group by period_grain, dimension, segment
    ) as segments
    inner join {{ ref('int_core__periods') }} as periods
        on
            segments.period_grain = periods.period_grain
            and segments.first_start <= periods.period_start
),

accumulated as (
    select
        {% for measure in measures %}
            coalesce(summed.{{ measure }}, 0) as {{ measure }},
            sum(coalesce(summed.{{ measure }}, 0)) over (
                partition by spine.period_grain, spine.dimension, spine.segment
                order by spine.period_start nulls last
                rows between unbounded preceding and current row
            ) as {{ measure }}_to_date,
        {% endfor %}
        coalesce(summed.lost_customers, 0) as lost_customers,
        spine.period_grain,
        spine.period_start,
        spine.dimension,
        spine.segment,
        spine.months
    from spine
    left join summed
        on
            spine.period_grain = summed.period_grain
            and spine.period_start = summed.period_start
            and spine.dimension = summed.dimension
            and spine.segment = summed.segment
),

costs as (
    select
        period_days.period_grain,
        period_days.period_start,
        sum(daily.amount) as marketing_cost
    from {{ ref('int_kpi__components_daily') }} as daily
    inner join {{ ref('int_core__period_days') }} as period_days
        on daily.activity_date = period_days.date_day
    where daily.component = 'marketing_cost' and daily.dimension = 'overall'
    group by period_days.period_grain, period_days.period_start
),

rated as (
    select
        accumulated.*,
        accumulated.arrivals_to_date - accumulated.arrivals
        - accumulated.departures_to_date + accumulated.departures as opening_customers,
        {{ ratio('accumulated.margin_to_date', 'accumulated.costed_revenue_to_date') }}
            as margin_rate,
        case
            when accumulated.dimension = 'overall'
                then {{ ratio('costs.marketing_cost', 'accumulated.new_customers') }}
        end as acquisition_cost
    from accumulated
    left join costs
        on
            accumulated.period_grain = costs.period_grain
            and accumulated.period_start = costs.period_start
),

valued as (
    select
        period_grain,
        period_start,
        dimension,
        segment,
        new_customers,
        revenue,
        new_customers_to_date as customers_to_date,
        repeat_customers_to_date as repeat_customers,
        revenue_to_date * margin_rate as lifetime_margin,
        revenue_to_date * margin_rate * new_customers
        / nullif(cast(new_customers_to_date as double), 0) as new_customer_value,
        acquisition_cost,
        revenue * margin_rate
        / nullif(cast(new_customers_to_date as double) * months, 0) as monthly_margin,
        case when opening_customers > 0 then opening_customers end as opening_customers,
        case when opening_customers > 0 then lost_customers end as lost_customers
    from rated
),

by_period as (
    {{ period_components('valued', {
        'customer_revenue': ['revenue', 'customers_to_date'],
        'customers_to_date': ['customers_to_date', 'customers_to_date'],
        'repeat_customers': ['repeat_customers', 'customers_to_date'],
        'lifetime_margin': ['lifetime_margin', 'customers_to_date'],
        'new_customer_value': ['new_customer_value', 'new_customers'],
        'acquisition_cost': ['acquisition_cost', 'new_customers'],
        'monthly_customer_margin': ['monthly_margin', 'customers_to_date'],
        'opening_customers': ['opening_customers', 'opening_customers'],
        'lost_customers': ['lost_customers', 'opening_customers'],
    }, "'shop_orders'") }}
)

select * from by_period
