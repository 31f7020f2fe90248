-- What sales are held against: targets, quotas, and the market. A quarter or a year for which none
-- is stated has the sum of its parts, where each of them has one, stated or summed. A market in
-- another currency is taken at the rate of the period's first known day, as targets are.
{%- set given = [
    ('revenue_target', 'kpi_targets', 'targets', 'target_value'),
    ('quota', 'kpi_targets', 'quotas', 'quota'),
    ('market_revenue', 'market_size', 'markets', 'market_revenue'),
] %}
{%- set parts = [('quarter', 'month', 3), ('year', 'quarter', 4)] %}
with targets as (
    select
        period_grain,
        period_start,
        dimension,
        segment,
        target_value
    from {{ ref('int_kpi__targets_in_force') }}
    where kpi_id = 'revenue'
),

quotas as (
    select
        period_grain,
        period_start,
        dimension,
        segment,
        quota
    from {{ ref('int_sales__quotas') }}
),

markets as (
    select
        market_size.period_grain,
        market_size.period_start,
        case market_size.segment when 'all' then 'overall' else 'country' end as dimension,
        market_size.segment,
        {{ in_reporting_currency('market_size.market_revenue', 'rates.rate') }} as market_revenue
    from {{ ref('market_size') }} as market_size
    inner join {{ ref('int_core__exchange_rates') }} as rates
        on
            market_size.currency = rates.currency
            and market_size.period_start <= rates.rate_date
    qualify
        row_number() over (
            partition by
                market_size.segment, market_size.period_grain, market_size.period_start
            order by rates.rate_date nulls last
        ) = 1
),

stated as (
    {% for component, seed, relation, amount in given %}
        select
            '{{ component }}' as component,
            '{{ seed }}' as raw_table,
            period_grain,
            period_start,
            dimension,
            segment,
            cast({{ amount }} as decimal(28, 4)) as amount
        from {{ relation }}
        where {{ amount }} is not null
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

{% for grain, part, part_count in parts %}
    {%- set known = 'stated' if loop.first else 'with_' ~ part ~ 's' %}
    summed_{{ grain }}s as (
        select
            component,
            raw_table,
            '{{ grain }}' as period_grain,
            {{ period_start(grain, 'period_start') }} as period_start,
            dimension,
            segment,
            cast(sum(amount) as decimal(28, 4)) as amount
        from {{ known }}
        where period_grain = '{{ part }}'
        group by
            component,
            raw_table,
            {{ period_start(grain, 'period_start') }},
            dimension,
            segment
        having count(*) = {{ part_count }}
    ),

    with_{{ grain }}s as (
        select
            component,
            raw_table,
            period_grain,
            period_start,
            dimension,
            segment,
            amount
        from (
            select
                *,
                0 as preference
            from {{ known }}
            union all
            select
                *,
                1 as preference
            from summed_{{ grain }}s
        ) as candidates
        qualify
            row_number() over (
                partition by component, period_grain, period_start, dimension, segment
                order by preference nulls last
            ) = 1
    ),
{% endfor %}

-- They rest on no cases of their own.
by_period as (
    select
        component,
        raw_table,
        period_grain,
        period_start,
        dimension,
        segment,
        amount,
        cast(null as bigint) as sample
    from with_years
)

select * from by_period
