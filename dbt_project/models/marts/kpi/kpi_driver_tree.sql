{#- The component behind each part of a tree, and the dimensions by which all of them are known. -#}
{%- set trees = {
    'revenue': {
        'volume': 'sessions',
        'successes': 'orders',
        'amount': 'order_revenue',
        'deducted': 'refunded',
    },
    'won_revenue': {'volume': 'leads', 'successes': 'won_deals', 'amount': 'won_amount'},
} -%}
-- Of a period that its source does not span, a component is not known.
with components as (
    select
        by_period.component,
        by_period.period_grain,
        by_period.period_start,
        by_period.dimension,
        by_period.segment,
        by_period.amount
    from {{ ref('int_kpi__components_by_period') }} as by_period
    inner join {{ ref('int_core__periods') }} as periods
        on
            by_period.period_grain = periods.period_grain
            and by_period.period_start = periods.period_start
    inner join {{ ref('int_kpi__component_extents') }} as extents
        on by_period.component = extents.component
    where
        by_period.dimension in ('overall', 'country', 'channel')
        and {{ is_whole('extents') }}
),

levels as (
    {% for tree, parts in trees.items() %}
        select
            '{{ tree }}' as tree,
            period_grain,
            period_start,
            dimension,
            segment,
            {% for part in ['volume', 'successes', 'amount', 'deducted'] %}
                sum(
                    case
                        when component = '{{ parts.get(part, '') }}'
                            then amount
                    end
                ) as {{ part }}
                {%- if not loop.last %},{% endif %}
            {% endfor %}
        from components
        group by period_grain, period_start, dimension, segment
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- A period before a tree's first success, one in whose middle the data began, or after which they
-- ended, explains nothing.
extents as (
    {% for tree, parts in trees.items() %}
        {% for part in ['volume', 'successes'] %}
            select
                '{{ tree }}' as tree,
                '{{ part }}' as part,
                first_date,
                known_from,
                known_until,
                data_until,
                rests_on_web
            from {{ ref('int_kpi__component_extents') }}
            where component = '{{ parts[part] }}'
            {% if not loop.last %}union all{% endif %}
        {% endfor %}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

periods as (
    {{ explained_periods() }}
),

pairs as (
    select
        extents.tree,
        periods.period_grain,
        periods.period_start,
        periods.compared_with,
        periods.base_period_start,
        {{ is_whole('volumes') }} and {{ is_whole('volumes', 'base_periods') }} as is_volume_known
    from periods
    inner join {{ ref('int_core__periods') }} as base_periods
        on
            periods.period_grain = base_periods.period_grain
            and periods.base_period_start = base_periods.period_start
    cross join extents
    left join extents as volumes on extents.tree = volumes.tree and volumes.part = 'volume'
    where
        extents.part = 'successes'
        and base_periods.is_complete
        and base_periods.period_end > extents.first_date
        and {{ is_whole('extents') }}
        and {{ is_whole('extents', 'base_periods') }}
),

{{ driver_effects('pairs', 'levels') }},

named as (
    select
        tree,
        period_grain,
        period_start,
        compared_with,
        base_period_start,
        dimension,
        segment,
        base_revenue,
        revenue,
        revenue_change,
        driver,
        position,
        base_numerator,
        numerator,
        base_denominator,
        denominator,
        base_driver_value,
        driver_value,
        effect,
        explained_share,
        rank
    from driver_effects
)

select * from named
