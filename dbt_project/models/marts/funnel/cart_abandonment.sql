{% set dimensions = [
    'overall', 'channel', 'campaign', 'country', 'segment', 'device', 'visitor_type',
    'last_step', 'last_page',
] %}
with carts as (
    select
        *,
        case when outcome <> 'ordered' then 1 else 0 end as is_abandoned
    from {{ ref('int_funnel__carts_described') }}
),

by_dimension as (
    {% for dimension in dimensions %}
        select
            *,
            '{{ dimension }}' as dimension,
            {{ segment_of(dimension) }} as divided_by
        from carts
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

by_period as (
    select
        period_days.period_grain,
        period_days.period_start,
        by_dimension.dimension,
        by_dimension.divided_by as segment,
        by_dimension.outcome,
        by_dimension.is_abandoned,
        by_dimension.cart_value,
        by_dimension.order_revenue,
        by_dimension.hours_to_recovery,
        coalesce(by_dimension.last_step, '(unknown)') as last_step,
        coalesce(by_dimension.last_page, '(unknown)') as last_page
    from by_dimension
    inner join {{ ref('int_core__period_days') }} as period_days
        on by_dimension.opened_date = period_days.date_day
),

{% for place in ['last_step', 'last_page'] %}
    {{ place }}_counts as (
        select
            period_grain,
            period_start,
            dimension,
            segment,
            {{ place }},
            count(*) as abandoned
        from by_period
        where is_abandoned = 1
        group by period_grain, period_start, dimension, segment, {{ place }}
    ),

    most_common_{{ place }} as (
        select *
        from {{ place }}_counts
        qualify
            row_number() over (
                partition by period_grain, period_start, dimension, segment
                order by abandoned desc nulls last, {{ place }} asc nulls last
            ) = 1
    ),
{% endfor %}

counted as (
    select
        period_grain,
        period_start,
        dimension,
        segment,
        count(*) as carts,
        sum(1 - is_abandoned) as ordered,
        sum(is_abandoned) as abandoned,
        sum(case when outcome = 'recovered' then 1 else 0 end) as recovered,
        sum(case when outcome = 'open' then 1 else 0 end) as open,
        sum(case when outcome = 'lost' then 1 else 0 end) as lost,
        sum(case when cart_value is null then 1 else 0 end) as unpriced_carts,
        sum(case when is_abandoned = 1 and cart_value is null then 1 else 0 end)
            as unpriced_abandoned,
        cast(coalesce(sum(cart_value), 0) as decimal(18, 4)) as value_carts,
        cast(
            coalesce(sum(case when is_abandoned = 1 then cart_value end), 0) as decimal(18, 4)
        ) as value_abandoned,
        cast(
            coalesce(sum(case when outcome = 'recovered' then cart_value end), 0)
            as decimal(18, 4)
        ) as value_recovered,
        cast(
            coalesce(sum(case when outcome = 'recovered' then order_revenue end), 0)
            as decimal(18, 4)
        ) as recovered_revenue,
        {{ percentile('hours_to_recovery', 0.5, beside=0.9) }} as median_hours,
        {{ percentile('hours_to_recovery', 0.9, beside=0.5) }} as p90_hours
    from by_period
    group by period_grain, period_start, dimension, segment
),

-- The days that the visits which are known span, and the orders that could have ended a cart.
visits as (
    {{ extents_of('carts') }}
),

outcomes as (
    {{ extents_of('abandoned_carts') }}
),

rated as (
    select
        counted.period_grain,
        counted.period_start,
        periods.is_complete
        and {{ is_whole('visits') }}
        and {{ is_whole('outcomes') }} as is_complete,
        counted.open = 0 and periods.period_end <= {{ as_of_date() }} as is_mature,
        counted.dimension,
        counted.segment,
        cast(counted.carts as bigint) as carts,
        cast(counted.ordered as bigint) as ordered,
        cast(counted.abandoned as bigint) as abandoned,
        cast(counted.recovered as bigint) as recovered,
        cast(counted.open as bigint) as open,
        cast(counted.lost as bigint) as lost,
        -- That all were abandoned is not known of carts from before the orders that would tell.
        case
            when counted.ordered > 0 or not {{ is_needed_later('outcomes') }}
                then
                    {{ outcome_rate(
                        'counted.abandoned', 'counted.carts', told_by='counted.ordered'
                    ) }}
        end as abandonment_rate,
        case
            when counted.open = 0 then {{ ratio('counted.recovered', 'counted.abandoned') }}
        end as recovery_rate,
        most_common_last_step.last_step,
        most_common_last_page.last_page,
        cast(counted.unpriced_carts as bigint) as unpriced_carts,
        cast(counted.unpriced_abandoned as bigint) as unpriced_abandoned,
        counted.value_carts,
        counted.value_abandoned,
        counted.value_recovered,
        counted.recovered_revenue,
        cast(counted.median_hours as double) as median_hours_to_recovery,
        cast(counted.p90_hours as double) as p90_hours_to_recovery
    from counted
    inner join {{ ref('int_core__periods') }} as periods
        on
            counted.period_grain = periods.period_grain
            and counted.period_start = periods.period_start
    cross join visits
    cross join outcomes
    left join most_common_last_step
        on
            counted.period_grain = most_common_last_step.period_grain
            and counted.period_start = most_common_last_step.period_start
            and counted.dimension = most_common_last_step.dimension
            and counted.segment = most_common_last_step.segment
    left join most_common_last_page
        on
            counted.period_grain = most_common_last_page.period_grain
            and counted.period_start = most_common_last_page.period_start
            and counted.dimension = most_common_last_page.dimension
            and counted.segment = most_common_last_page.segment
)

select * from rated
