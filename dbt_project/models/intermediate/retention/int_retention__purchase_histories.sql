-- Whoever has no contract never says goodbye. A buyer counts as gone after a silence longer than
-- most of the gaps between purchases: the buyer's own where there are enough, else everybody's.
-- Time runs as far as orders are known of: on a day that was not delivered nobody is silent.
with purchases as (
    select * from {{ ref('int_retention__purchase_days') }}
),

known as (
    {{ known_until(['shop_orders']) }}
),

gaps as (
    select
        count(days_since_previous) as gaps,
        percentile_cont({{ var('churn_gap_quantile') }}) within group (order by days_since_previous)
            as long_gap
    from purchases
),

histories as (
    select
        customer_key,
        first_order_date,
        max(order_date) as last_order_date,
        count(*) as purchases,
        count(days_since_previous) as gaps,
        percentile_cont({{ var('churn_gap_quantile') }}) within group (order by days_since_previous)
            as long_gap,
        count(case when purchase_number > 1 then net_revenue end) as valued_repeats,
        sum(case when purchase_number > 1 then net_revenue end) as repeat_revenue
    from purchases
    group by customer_key, first_order_date
),

ruled as (
    select
        histories.customer_key,
        histories.first_order_date,
        histories.last_order_date,
        -- A source that is behind does not hide what another has told since.
        least(
            greatest(known.known_until, histories.last_order_date), {{ as_of_date() }}
        ) as observed_until,
        histories.purchases,
        histories.valued_repeats,
        histories.repeat_revenue,
        case
            when histories.gaps >= {{ var('churn_min_own_gaps') }} then 'own_gaps'
            when gaps.gaps >= {{ var('churn_min_gaps') }} then 'all_gaps'
            else 'too_few_gaps'
        end as churn_rule,
        case
            when histories.gaps >= {{ var('churn_min_own_gaps') }} then histories.long_gap
            when gaps.gaps >= {{ var('churn_min_gaps') }} then gaps.long_gap
        end as long_gap
    from histories
    cross join gaps
    cross join known
),

-- Interpolation leaves an error in the last digits, which is no part of a day.
measured as (
    select
        customer_key,
        first_order_date,
        last_order_date,
        cast(purchases as bigint) as purchases,
        cast(valued_repeats as bigint) as valued_repeats,
        cast(repeat_revenue as decimal(18, 4)) as repeat_revenue,
        cast({{ dbt.datediff('first_order_date', 'last_order_date', 'day') }} as bigint)
            as recency_days,
        cast({{ dbt.datediff('first_order_date', 'observed_until', 'day') }} as bigint) as age_days,
        cast({{ dbt.datediff('last_order_date', 'observed_until', 'day') }} as bigint)
            as silent_days,
        churn_rule,
        cast(ceil(round(long_gap, 6)) as bigint) as churn_after_days
    from ruled
),

judged as (
    select
        *,
        silent_days > churn_after_days as is_churned,
        case
            when silent_days > churn_after_days
                then cast(
                    {{ dbt.dateadd('day', 'churn_after_days + 1', 'last_order_date') }} as date
                )
        end as churned_on
    from measured
)

select * from judged
