-- The last step of a funnel bounds its window: whoever has not reached a step by then is lost.
with steps as (
    select
        funnel,
        step_number,
        step,
        lower(event_or_stage) as event_or_stage,
        page_pattern,
        max_days_from_entry,
        max(step_number) over (partition by funnel) as last_step_number,
        max(max_days_from_entry) over (partition by funnel) as window_days
    from {{ ref('funnel_steps') }}
)

select * from steps
