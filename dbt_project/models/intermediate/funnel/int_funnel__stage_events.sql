-- Leads and deals reach stages, and so do the people behind them. What a record says of itself
-- cannot precede the record: a stage dated before its creation counts at its creation. A deal that
-- is older than the lead is nothing that the lead led to.
with leads as (
    select
        lead_key,
        person_key,
        created_at,
        mql_at,
        sql_at,
        converted_at
    from {{ ref('int_core__leads_sourced') }}
),

deals as (
    select
        opportunity_key,
        lead_key,
        person_key,
        created_at,
        closed_at,
        is_closed,
        is_won
    from {{ ref('int_core__opportunities_valued') }}
),

lead_stages as (
    select
        lead_key,
        person_key,
        'lead' as stage,
        created_at as occurred_at
    from leads

    union all

    {% for stage, instant in {
        'mql': 'mql_at', 'sql': 'sql_at', 'opportunity': 'converted_at'
    }.items() %}
        select
            lead_key,
            person_key,
            '{{ stage }}' as stage,
            greatest({{ instant }}, created_at) as occurred_at
        from leads
        where {{ instant }} is not null
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

deal_stages as (
    select
        opportunity_key,
        lead_key,
        person_key,
        'opportunity' as stage,
        created_at as deal_created_at,
        created_at as occurred_at
    from deals

    union all

    select
        opportunity_key,
        lead_key,
        person_key,
        case when is_won then 'won' else 'lost' end as stage,
        created_at as deal_created_at,
        greatest(closed_at, created_at) as occurred_at
    from deals
    where is_closed

    union all

    select
        deals.opportunity_key,
        deals.lead_key,
        deals.person_key,
        {{ lowered('stage_entries.stage') }} as stage,
        deals.created_at as deal_created_at,
        greatest(stage_entries.entered_at, deals.created_at) as occurred_at
    from {{ ref('int_core__opportunity_stage_entries') }} as stage_entries
    inner join deals on stage_entries.opportunity_key = deals.opportunity_key
    where {{ lowered('stage_entries.stage') }} not in ('opportunity', 'won', 'lost')
),

stages as (
    select
        'lead' as entity_type,
        lead_key as entity_key,
        stage,
        occurred_at
    from lead_stages

    union all

    select
        'lead' as entity_type,
        leads.lead_key as entity_key,
        deal_stages.stage,
        greatest(deal_stages.occurred_at, leads.created_at) as occurred_at
    from deal_stages
    inner join leads
        on
            deal_stages.lead_key = leads.lead_key
            and {{ is_led_to('deal_stages.deal_created_at', 'leads.created_at') }}

    union all

    select
        'opportunity' as entity_type,
        opportunity_key as entity_key,
        stage,
        occurred_at
    from deal_stages

    union all

    select
        'person' as entity_type,
        person_key as entity_key,
        stage,
        occurred_at
    from lead_stages

    union all

    select
        'person' as entity_type,
        person_key as entity_key,
        stage,
        occurred_at
    from deal_stages
    where person_key is not null
),

distinct_stages as (
    select distinct
        entity_type,
        entity_key,
        stage,
        occurred_at
    from stages
)

select * from distinct_stages
