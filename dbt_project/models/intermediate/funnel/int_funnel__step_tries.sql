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
        end as try_days
    from {{ ref('int_funnel__steps') }}
),

taken as (
    select
        funnel,
        step_number,
        entity_key,
        context_key,
        min(occurred_at) as taken_at
    from {{ ref('int_funnel__step_events') }}
    where context_key is not null
    group by funnel, step_number, entity_key, context_key

    union all

    select
        funnel,
        step_number,
        entity_key,
        context_key,
        occurred_at as taken_at
    from {{ ref('int_funnel__step_events') }}
    where context_key is null
),

-- What was taken without a visit is one occasion each: it passes steps and tries none.
furthest as (
    select
        *,
        max(step_number) over (
            partition by
                funnel, entity_key, context_key, case when context_key is null then taken_at end
        ) as furthest_step_number
    from taken
),

occasions as (
    select distinct
        funnel,
        entity_key,
        context_key,
        case when context_key is null then taken_at end as occasion_at,
        furthest_step_number
    from furthest
),

-- A later step implies the earlier ones, as in int_funnel__progress.
reached as (
    select
        occasions.funnel,
        occasions.entity_key,
        occasions.context_key,
        steps.step_number,
        steps.last_step_number,
        steps.try_days,
        min(coalesce(furthest.taken_at, occasions.occasion_at)) over (
            partition by
                occasions.funnel,
                occasions.entity_key,
                occasions.context_key,
                occasions.occasion_at
            order by steps.step_number desc nulls last
            rows between unbounded preceding and current row
        ) as reached_at
    from occasions
    inner join steps
        on
            occasions.funnel = steps.funnel
            and occasions.furthest_step_number >= steps.step_number
    left join furthest
        on
            occasions.funnel = furthest.funnel
            and occasions.entity_key = furthest.entity_key
            and occasions.context_key = furthest.context_key
            and steps.step_number = furthest.step_number
),

timeline as (
    select
        funnel,
        entity_key,
        step_number,
        context_key,
        try_days,
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
        max(try_days) as try_days
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
        {{ seconds_between('last_reached_at', as_of()) }} > try_days * 86400 as is_settled
    from tries
)

select * from settled
