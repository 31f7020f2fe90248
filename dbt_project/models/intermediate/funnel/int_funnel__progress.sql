-- How far each entry came within the window, one row per step. A step is reached when it, or a
-- later one, is taken for the first time since the entry: someone who bought without a recorded
-- cart has passed it, at the time of the purchase. So no step is reached before an earlier one, and
-- a step that is recorded after a later one adds nothing. Of one second, the order of steps counts.
with entries as (
    select
        entry_key,
        funnel,
        entity_key,
        entered_at
    from {{ ref('int_funnel__entries') }}
),

steps as (
    select
        funnel,
        step_number,
        last_step_number,
        window_days
    from {{ ref('int_funnel__steps') }}
),

taken as (
    select
        entries.entry_key,
        step_events.step_number,
        min(step_events.occurred_at) as taken_at
    from entries
    inner join {{ ref('int_funnel__step_events') }} as step_events
        on
            entries.funnel = step_events.funnel
            and entries.entity_key = step_events.entity_key
            and entries.entered_at <= step_events.occurred_at
    inner join steps
        on
            step_events.funnel = steps.funnel
            and step_events.step_number = steps.step_number
    where
        {{ seconds_between('entries.entered_at', 'step_events.occurred_at') }}
        <= steps.window_days * 86400
    group by entries.entry_key, step_events.step_number
),

furthest as (
    select
        entry_key,
        max(step_number) as step_number
    from taken
    group by entry_key
),

by_step as (
    select
        entries.entry_key,
        entries.funnel,
        entries.entered_at,
        steps.step_number,
        steps.last_step_number,
        steps.window_days,
        furthest.step_number as furthest_step_number,
        taken.taken_at
    from entries
    inner join furthest on entries.entry_key = furthest.entry_key
    inner join steps
        on
            entries.funnel = steps.funnel
            and furthest.step_number >= steps.step_number
    left join taken
        on
            entries.entry_key = taken.entry_key
            and steps.step_number = taken.step_number
),

reached as (
    select
        *,
        min(taken_at) over (
            partition by entry_key
            order by step_number desc nulls last
            rows between unbounded preceding and current row
        ) as reached_at
    from by_step
),

marked as (
    select
        *,
        taken_at is null or taken_at > reached_at as is_skipped
    from reached
),

preceded as (
    select
        *,
        lag(is_skipped) over (partition by entry_key order by step_number nulls last)
            as is_previous_skipped,
        lag(reached_at) over (partition by entry_key order by step_number nulls last)
            as previous_reached_at,
        {{ seconds_between('entered_at', as_of()) }} > window_days * 86400 as is_window_closed
    from marked
),

progress as (
    select
        entry_key,
        funnel,
        step_number,
        reached_at,
        is_skipped,
        case
            when step_number < furthest_step_number or step_number = last_step_number
                then 'converted'
            when is_window_closed then 'dropped'
            else 'open'
        end as state,
        is_window_closed,
        case
            when not is_skipped and not is_previous_skipped
                then {{ seconds_between('previous_reached_at', 'reached_at') }} / 3600
        end as hours_from_previous_step
    from preceded
)

select * from progress
