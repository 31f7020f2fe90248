-- A try begins when someone reaches a step in a visit (a lead or deal: when it reaches the stage).
-- It is passed if the next step, or a later one, follows within the days that tries are given,
-- anywhere: another visit or device counts. Reaching the step again before that continues the same
-- try, so that who tries three times and gives up is lost once, in the first visit's segments.
with steps as (
    select
        funnel,
        step_number,
        last_step_number,
        entity_type,
        case
            when entity_type = 'person' then {{ var('funnel_try_days') }}
            else window_days
        end as try_days,
        told_at
    from {{ ref('int_funnel__steps') }}
),

-- A later step implies the earlier ones, as in int_funnel__progress. What was taken without a visit
-- is one occasion each: it passes steps and tries none.
reached as (
    select
        step_events.funnel,
        step_events.entity_key,
        step_events.context_key,
        case when step_events.context_key is null then step_events.occurred_at end as occasion_at,
        steps.step_number,
        steps.last_step_number,
        steps.try_days,
        steps.told_at,
        min(step_events.occurred_at) as reached_at
    from {{ ref('int_funnel__step_events') }} as step_events
    inner join steps
        on
            step_events.funnel = steps.funnel
            and step_events.step_number >= steps.step_number
    group by
        step_events.funnel,
        step_events.entity_key,
        step_events.context_key,
        case when step_events.context_key is null then step_events.occurred_at end,
        steps.step_number,
        steps.last_step_number,
        steps.try_days,
        steps.told_at
),

timeline as (
    select
        funnel,
        entity_key,
        step_number,
        context_key,
        try_days,
        told_at,
        reached_at,
        0 as is_pass
    from reached
    where context_key is not null and step_number < last_step_number

    union all

    select
        funnel,
        entity_key,
        step_number - 1 as step_number,
        context_key,
        try_days,
        told_at,
        reached_at,
        1 as is_pass
    from reached
    where step_number > 1
),

-- Of one instant, the step comes before what passes it.
followed as (
    select
        *,
        min(case when is_pass = 1 then reached_at end) over (
            partition by funnel, entity_key, step_number
            order by reached_at nulls last, is_pass nulls last, context_key nulls last
            rows between current row and unbounded following
        ) as passed_at
    from timeline
),

attempts as (
    select
        funnel,
        entity_key,
        step_number,
        context_key,
        reached_at,
        try_days,
        told_at,
        case
            when {{ seconds_between('reached_at', 'passed_at') }} <= try_days * 86400
                then passed_at
        end as passed_at
    from followed
    where is_pass = 0
),

opened as (
    select
        *,
        case
            when
                {{ seconds_between(
                    'lag(reached_at) over (partition by funnel, entity_key, step_number'
                    ~ ' order by reached_at nulls last, context_key nulls last)',
                    'reached_at'
                ) }} <= try_days * 86400
                and coalesce(
                    lag(passed_at) over (
                        partition by funnel, entity_key, step_number
                        order by reached_at nulls last, context_key nulls last
                    ) >= reached_at,
                    true
                )
                then 0
            else 1
        end as is_opening
    from attempts
),

numbered as (
    select
        *,
        sum(is_opening) over (
            partition by funnel, entity_key, step_number
            order by reached_at nulls last, context_key nulls last
            rows between unbounded preceding and current row
        ) as try_number
    from opened
),

tries as (
    select
        funnel,
        entity_key,
        step_number,
        cast(try_number as bigint) as try_number,
        min(case when is_opening = 1 then context_key end) as context_key,
        min(reached_at) as reached_at,
        max(reached_at) as last_reached_at,
        min(passed_at) as passed_at,
        max(try_days) as try_days,
        max(told_at) as told_at
    from numbered
    group by funnel, entity_key, step_number, try_number
),

settled as (
    select
        funnel,
        entity_key,
        step_number,
        try_number,
        context_key,
        reached_at,
        passed_at,
        passed_at is not null as is_passed,
        -- While it may still end, a try is in no figure: who passes does so early.
        {{ seconds_between('last_reached_at', 'told_at') }} > try_days * 86400 as is_settled
    from tries
)

select * from settled
