-- Tries by day first, with all that they are divided by; dimensions and longer periods are sums.
with tries as (
    select
        tries.funnel,
        steps.entity_type,
        tries.step_number,
        tries.entity_key,
        case when steps.entity_type = 'person' then tries.context_key end as session_key,
        {{ counted_date(business_date('tries.reached_at')) }} as reached_date,
        case when tries.is_settled then 1 else 0 end as settled,
        case when tries.is_settled and tries.is_passed then 1 else 0 end as passed
    from {{ ref('int_funnel__step_tries') }} as tries
    inner join {{ ref('int_funnel__steps') }} as steps
        on tries.funnel = steps.funnel and tries.step_number = steps.step_number
),

daily as (
    select
        tries.funnel,
        tries.entity_type,
        tries.step_number,
        tries.reached_date,
        coalesce(visits.channel, sales.channel) as channel,
        coalesce(visits.campaign, sales.campaign) as campaign,
        coalesce(visits.country, sales.country) as country,
        coalesce(visits.segment, sales.segment) as segment,
        visits.device,
        visits.visitor_type,
        sales.lead_source,
        sales.product,
        sales.rep,
        sales.team,
        sum(tries.settled) as reached,
        sum(tries.passed) as passed,
        sum(1 - tries.settled) as open
    from tries
    left join {{ ref('int_funnel__visit_segments') }} as visits
        on tries.session_key = visits.session_key
    left join {{ ref('int_funnel__sales_segments') }} as sales
        on tries.entity_type = sales.entity_type and tries.entity_key = sales.entity_key
    group by
        tries.funnel,
        tries.entity_type,
        tries.step_number,
        tries.reached_date,
        coalesce(visits.channel, sales.channel),
        coalesce(visits.campaign, sales.campaign),
        coalesce(visits.country, sales.country),
        coalesce(visits.segment, sales.segment),
        visits.device,
        visits.visitor_type,
        sales.lead_source,
        sales.product,
        sales.rep,
        sales.team
),

by_dimension as (
    {% for dimension, entities in funnel_dimensions().items() %}
        select
            funnel,
            step_number,
            reached_date,
            '{{ dimension }}' as dimension,
            {{ segment_of(dimension) }} as segment,
            sum(reached) as reached,
            sum(passed) as passed,
            sum(open) as open
        from daily
        where entity_type in ({{ entities }})
        group by funnel, step_number, reached_date, {{ segment_of(dimension) }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

by_period as (
    select
        by_dimension.funnel,
        by_dimension.step_number,
        period_days.period_grain,
        period_days.period_start,
        by_dimension.dimension,
        by_dimension.segment,
        cast(sum(by_dimension.reached) as bigint) as reached,
        cast(sum(by_dimension.passed) as bigint) as passed,
        cast(sum(by_dimension.open) as bigint) as open
    from by_dimension
    inner join {{ ref('int_core__period_days') }} as period_days
        on by_dimension.reached_date = period_days.date_day
    where
        period_days.period_grain in (
            {%- for grain in var('funnel_friction_grains') -%}
                '{{ grain }}'{{ ", " if not loop.last }}
            {%- endfor -%}
        )
    group by
        by_dimension.funnel,
        by_dimension.step_number,
        period_days.period_grain,
        period_days.period_start,
        by_dimension.dimension,
        by_dimension.segment
)

select * from by_period
