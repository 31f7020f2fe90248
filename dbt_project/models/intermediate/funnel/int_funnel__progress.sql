-- How far each entry came within the window, one row per step. A later step implies the earlier
-- ones: someone who bought without a recorded cart has passed it, at the time of the purchase.
with entries as (
    select
        entry_key,
        funnel,
        entity_key,
        entered_at
    from {{ ref('int_funnel__entries') }}
),

steps as (
    select * from {{ ref('int_funnel__steps') }}
),

step_events as (
    select
        funnel,
        entity_key,
        step_number,
        occurred_at
    from {{ ref('int_funnel__step_events') }}
),

first_reached as (
    select
        entries.entry_key,
        step_events.step_number,
        min(step_events.occurred_at) as occurred_at
    from entries
    inner join step_events
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
        <= steps.max_days_from_entry * 86400
    group by entries.entry_key, step_events.step_number
),

by_step as (
    select
        entries.entry_key,
        entries.funnel,
        entries.entered_at,
        steps.step_number,
        steps.last_step_number,
        steps.window_days,
        first_reached.occurred_at
    from entries
    inner join steps on entries.funnel = steps.funnel
    left join first_reached
        on
            entries.entry_key = first_reached.entry_key
            and steps.step_number = first_reached.step_number
),

reached as (
    select
        entry_key,
        funnel,
        entered_at,
        step_number,
        last_step_number,
        window_days,
        min(occurred_at) over (
            partition by entry_key
            order by step_number desc nulls last
            rows between unbounded preceding and current row
        ) as reached_at
    from by_step
),

timed as (
    select
        entry_key,
        funnel,
        step_number,
        reached_at,
        lag(reached_at) over (partition by entry_key order by step_number nulls last)
            as previous_reached_at,
        lead(reached_at) over (partition by entry_key order by step_number nulls last) is not null
        or step_number = last_step_number as is_converted,
        {{ seconds_between('entered_at', as_of()) }} > window_days * 86400 as is_window_closed
    from reached
),

progress as (
    select
        entry_key,
        funnel,
        step_number,
        case
            when is_converted then 'converted'
            when is_window_closed then 'dropped'
            else 'open'
        end as state,
        is_window_closed,
        {{ seconds_between('previous_reached_at', 'reached_at') }} / 3600
            as hours_from_previous_step
    from timed
    where reached_at is not null
)

select * from progress
