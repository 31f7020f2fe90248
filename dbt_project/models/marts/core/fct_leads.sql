with leads as (
    select * from {{ ref('int_core__leads_sourced') }}
),

traffic_sources as (
    select
        traffic_source_key,
        channel,
        campaign
    from {{ ref('int_attribution__traffic_sources') }}
),

reps as (
    select
        rep_key,
        team,
        valid_from,
        valid_until
    from {{ ref('int_core__sales_reps') }}
),

joined as (
    select
        leads.lead_key,
        leads.source_name,
        leads.lead_id,
        leads.person_key,
        leads.customer_key,
        leads.customer_id,
        leads.created_at,
        leads.created_date,
        leads.company,
        coalesce(leads.country, '(unknown)') as country,
        leads.lead_source,
        leads.utm_source,
        leads.utm_medium,
        leads.utm_campaign,
        leads.utm_content,
        leads.utm_term,
        leads.self_reported_source,
        traffic_sources.channel,
        traffic_sources.campaign,
        leads.owner_rep_key,
        leads.owner_rep_id,
        coalesce(reps.team, '(unknown)') as team,
        leads.status,
        leads.score,
        leads.budget_ok,
        leads.authority_ok,
        leads.need_ok,
        leads.timeline_ok,
        leads.mql_at,
        leads.sql_at,
        leads.converted_at,
        leads.opportunity_key,
        leads.opportunity_id,
        leads.disqualified_at,
        leads.disqualified_reason,
        leads.customer_since,
        leads.is_converted,
        leads.updated_at
    from leads
    left join reps
        on {{ rep_as_of('reps', 'leads.owner_rep_key', 'leads.created_date') }}
    left join traffic_sources on leads.traffic_source_key = traffic_sources.traffic_source_key
)

select * from joined
