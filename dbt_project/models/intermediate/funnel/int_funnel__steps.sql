-- Whose way a funnel follows is told by its first step: leads and deals by their stages, people by
-- what they do on the site. The last step bounds the window: who has not come by then is lost.
with steps as (
    select
        funnel,
        step_number,
        step,
        {{ lowered('event_or_stage') }} as event_or_stage,
        page_pattern,
        max_days_from_entry
    from {{ ref('funnel_steps') }}
),

deal_stages as (
    select distinct {{ lowered('stage') }} as stage
    from {{ ref('stg_crm__stages') }}
),

first_steps as (
    select
        steps.funnel,
        case
            when steps.event_or_stage in ('lead', 'mql', 'sql') then 'lead'
            when
                steps.event_or_stage in ('opportunity', 'won', 'lost')
                or deal_stages.stage is not null
                then 'opportunity'
            else 'person'
        end as entity_type,
        steps.event_or_stage = 'session' as starts_with_visit
    from steps
    left join deal_stages on steps.event_or_stage = deal_stages.stage
    where steps.step_number = 1
),

described as (
    select
        steps.funnel,
        steps.step_number,
        steps.step,
        steps.event_or_stage,
        steps.page_pattern,
        first_steps.entity_type,
        first_steps.starts_with_visit,
        max(steps.step_number) over (partition by steps.funnel) as last_step_number,
        max(steps.max_days_from_entry) over (partition by steps.funnel) as window_days
    from steps
    inner join first_steps on steps.funnel = first_steps.funnel
)

select * from described
