-- How far each entry came within the window, one row per step. A step is reached when it, or a
-- later one, is taken for the first time since the entry: someone who bought without a recorded
-- cart has passed it, at the time of the purchase. So no step is reached before an earlier one, and
-- a step that is recorded after a later one adds nothing. Of one second, the order of steps counts.
with steps as (
    select
        funnel,
        step_number,
        last_step_number,
        window_days,
        told_at
    from {{ ref('int_funnel__steps') }}
),

entries as (
    select
        entries.entry_key,
        entries.funnel,
        entries.entity_key,
        entries.entered_at,
        steps.window_days,
        {{ seconds_between('entries.entered_at', 'steps.told_at') }} > steps.window_days * 86400
            as is_window_closed
    from {{ ref('int_funnel__entries') }} as entries
    inner join steps on entries.funnel = steps.funnel and steps.step_number = 1
),

taken as (
    select
        entries.entry_key,
        entries.funnel,
        step_events.step_number,
        min(step_events.occurred_at) as taken_at
    from entries
    inner join {{ ref('int_funnel__step_events') }} as step_events
        on
            entries.funnel = step_events.funnel
            and entries.entity_key = step_events.entity_key
            and entries.entered_at <= step_events.occurred_at
    where
        {{ seconds_between('entries.entered_at', 'step_events.occurred_at') }}
        <= entries.window_days * 86400
    group by entries.entry_key, entries.funnel, step_events.step_number
),

reached as (
    select
        taken.entry_key,
        taken.funnel,
        steps.step_number,
        max(taken.step_number) as furthest_step_number,
        min(taken.taken_at) as reached_at,
        min(case when taken.step_number = steps.step_number then taken.taken_at end) as taken_at
    from taken
    inner join steps on taken.funnel = steps.funnel and taken.step_number >= steps.step_number
    group by taken.entry_key, taken.funnel, steps.step_number
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
            as previous_reached_at
    from marked
),

progress as (
    select
        preceded.entry_key,
        preceded.funnel,
        preceded.step_number,
        preceded.reached_at,
        preceded.is_skipped,
        case
            when
                preceded.step_number < preceded.furthest_step_number
                or preceded.step_number = steps.last_step_number
                then 'converted'
            when entries.is_window_closed then 'dropped'
            else 'open'
        end as state,
        entries.is_window_closed,
        case
            when not preceded.is_skipped and not preceded.is_previous_skipped
                then
                    {{ seconds_between('preceded.previous_reached_at', 'preceded.reached_at') }}
                    / 3600
        end as hours_from_previous_step
    from preceded
    inner join entries on preceded.entry_key = entries.entry_key
    inner join steps
        on preceded.funnel = steps.funnel and preceded.step_number = steps.step_number
)

select * from progress
