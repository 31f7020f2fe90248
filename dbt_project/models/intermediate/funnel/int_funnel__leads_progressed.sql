-- What became of each lead, by the stages of the funnels: a later stage implies the earlier ones.
-- Revenue is that of the deals which the lead led to.
with stages as (
    select
        entity_key as lead_key,
        max(case when stage in ('mql', 'sql', 'opportunity', 'won') then 1 else 0 end) as is_mql,
        min(case when stage in ('mql', 'sql', 'opportunity', 'won') then occurred_at end)
            as qualified_at,
        max(case when stage in ('sql', 'opportunity', 'won') then 1 else 0 end) as is_sql,
        max(case when stage in ('opportunity', 'won') then 1 else 0 end) as is_opportunity,
        max(case when stage = 'won' then 1 else 0 end) as is_won,
        min(case when stage = 'won' then occurred_at end) as won_at
    from {{ ref('int_funnel__stage_events') }}
    where entity_type = 'lead'
    group by entity_key
),

deals as (
    select
        deals.lead_key,
        sum(deals.amount) as revenue,
        sum(case when deals.amount is null then 1 else 0 end) as unvalued_deals
    from {{ ref('int_core__opportunities_valued') }} as deals
    inner join {{ ref('int_core__leads_sourced') }} as leads
        on
            deals.lead_key = leads.lead_key
            and {{ is_led_to('deals.created_at', 'leads.created_at') }}
    where deals.is_won
    group by deals.lead_key
),

answers as (
    select
        answers.lead_key,
        max(case when answers.said_channel is not null then 1 else 0 end) as is_mapped,
        max(case when answers.said_channel = traffic_sources.channel then 1 else 0 end)
            as is_agreed
    from {{ ref('int_funnel__lead_answers') }} as answers
    inner join {{ ref('int_core__leads_sourced') }} as leads
        on answers.lead_key = leads.lead_key
    inner join {{ ref('int_attribution__traffic_sources') }} as traffic_sources
        on leads.traffic_source_key = traffic_sources.traffic_source_key
    group by answers.lead_key
),

progressed as (
    select
        leads.lead_key,
        leads.created_date,
        traffic_sources.channel,
        traffic_sources.campaign,
        stages.is_mql,
        stages.qualified_at,
        stages.is_sql,
        case
            when leads.budget_ok and leads.authority_ok and leads.need_ok and leads.timeline_ok
                then 1
            else 0
        end as is_bant,
        stages.is_opportunity,
        stages.is_won,
        case when leads.customer_since is not null then 1 else 0 end as is_customer,
        case
            when stages.is_won = 1
                then cast(
                    {{ seconds_between('leads.created_at', 'stages.won_at') }} / 86400 as double
                )
        end as days_to_win,
        cast(coalesce(deals.revenue, 0) as decimal(18, 4)) as revenue,
        cast(coalesce(deals.unvalued_deals, 0) as bigint) as unvalued_deals,
        case when answers.lead_key is not null then 1 else 0 end as is_answered,
        coalesce(answers.is_mapped, 0) as is_mapped,
        case
            when answers.is_mapped = 1 and traffic_sources.channel <> 'Unassigned' then 1
            else 0
        end as is_comparable,
        coalesce(answers.is_agreed, 0) as is_agreed
    from {{ ref('int_core__leads_sourced') }} as leads
    inner join {{ ref('int_attribution__traffic_sources') }} as traffic_sources
        on leads.traffic_source_key = traffic_sources.traffic_source_key
    inner join stages on leads.lead_key = stages.lead_key
    left join deals on leads.lead_key = deals.lead_key
    left join answers on leads.lead_key = answers.lead_key
)

select * from progressed
