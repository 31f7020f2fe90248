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

-- The table that tells of a step, or the web.
told as (
    select
        steps.*,
        case
            when steps.event_or_stage in ('lead', 'mql', 'sql') then 'crm_leads'
            when
                steps.event_or_stage in ('opportunity', 'won', 'lost')
                or deal_stages.stage is not null
                then 'crm_opportunities'
            when steps.event_or_stage = 'purchase' then 'shop_orders'
            else 'web'
        end as told_by
    from steps
    left join deal_stages on steps.event_or_stage = deal_stages.stage
),

first_steps as (
    select
        funnel,
        case told_by
            when 'crm_leads' then 'lead'
            when 'crm_opportunities' then 'opportunity'
            else 'person'
        end as entity_type,
        event_or_stage = 'session' as starts_with_visit
    from told
    where step_number = 1
),

described as (
    select
        steps.funnel,
        steps.step_number,
        steps.step,
        steps.event_or_stage,
        steps.page_pattern,
        steps.told_by,
        first_steps.entity_type,
        first_steps.starts_with_visit,
        max(steps.step_number) over (partition by steps.funnel) as last_step_number,
        max(steps.max_days_from_entry) over (partition by steps.funnel) as window_days
    from told as steps
    inner join first_steps on steps.funnel = first_steps.funnel
),

-- Of the web's two tables a site has either.
raw_tables as (
    select
        *,
        case when raw_table in ('web_events', 'web_sessions') then 'web' else raw_table end
            as source
    from {{ ref('int_core__raw_tables') }}
    where row_count > 0
),

known as (
    select
        raw_tables.source,
        max({{ data_until('raw_tables') }}) as data_until
    from raw_tables
    group by raw_tables.source
),

-- Nobody is late before the tables of all steps are known.
bounded as (
    select
        described.*,
        min(coalesce(known.data_until, {{ as_of_date() }})) over (
            partition by described.funnel
        ) as told_until
    from described
    left join known on described.told_by = known.source
),

timed as (
    select
        *,
        {{ told_at('told_until') }} as told_at
    from bounded
)

select * from timed
