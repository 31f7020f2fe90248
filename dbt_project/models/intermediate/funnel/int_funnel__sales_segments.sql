-- A lead or deal belongs to its owner, and to the team that the owner was in on the day it came in.
-- A lead has no segment of its own: it is that of the customer it became. An owner is named as in
-- rep_performance: an id that two systems give to two people is none of one person.
with leads as (
    select
        lead_key,
        traffic_source_key,
        customer_key,
        country,
        lead_source,
        owner_rep_key,
        created_date
    from {{ ref('int_core__leads_sourced') }}
),

deals as (
    select
        opportunity_key,
        lead_key,
        segment,
        product,
        owner_rep_key,
        created_date
    from {{ ref('int_core__opportunities_valued') }}
),

named_reps as (
    select
        rep_key,
        rep
    from {{ ref('int_sales__reps') }}
),

reps as (
    select
        rep_key,
        team,
        valid_from,
        valid_until
    from {{ ref('int_core__sales_reps') }}
),

described_leads as (
    select
        leads.lead_key,
        traffic_sources.channel,
        traffic_sources.campaign,
        leads.country,
        customers.segment,
        leads.lead_source,
        named_reps.rep,
        reps.team
    from leads
    inner join {{ ref('int_attribution__traffic_sources') }} as traffic_sources
        on leads.traffic_source_key = traffic_sources.traffic_source_key
    left join {{ ref('int_core__customers') }} as customers
        on leads.customer_key = customers.customer_key
    left join named_reps
        on leads.owner_rep_key = named_reps.rep_key
    left join reps
        on {{ rep_as_of('reps', 'leads.owner_rep_key', 'leads.created_date') }}
),

described as (
    select
        'lead' as entity_type,
        lead_key as entity_key,
        channel,
        campaign,
        country,
        segment,
        cast(null as {{ dbt.type_string() }}) as product,
        lead_source,
        rep,
        team
    from described_leads

    union all

    select
        'opportunity' as entity_type,
        deals.opportunity_key as entity_key,
        described_leads.channel,
        described_leads.campaign,
        described_leads.country,
        deals.segment,
        deals.product,
        described_leads.lead_source,
        named_reps.rep,
        reps.team
    from deals
    left join described_leads on deals.lead_key = described_leads.lead_key
    left join named_reps
        on deals.owner_rep_key = named_reps.rep_key
    left join reps
        on {{ rep_as_of('reps', 'deals.owner_rep_key', 'deals.created_date') }}
)

select * from described
