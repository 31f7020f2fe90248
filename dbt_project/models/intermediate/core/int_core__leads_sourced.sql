with leads as (
    select
        *,
        {{ tag_words('utm_source', 'utm_medium', 'utm_campaign') }}
    from {{ ref('stg_crm__leads') }}
),

people as (
    select
        lead_key,
        person_key,
        customer_key
    from {{ ref('int_identity__leads') }}
),

rep_references as (
    select
        rep_reference_key,
        rep_key
    from {{ ref('int_core__rep_references') }}
),

lead_customers as (
    select
        lead_key,
        customer_since
    from {{ ref('int_core__lead_customers') }}
),

contacts as (
    select
        lead_key,
        source,
        medium,
        campaign,
        click_id_type
    from {{ ref('int_core__lead_contacts') }}
),

-- A campaign alone is no source: a visit says more, and another campaign of its own.
tagged as (
    select
        lead_key,
        utm_source is not null or utm_medium is not null as is_sourced,
        {{ traffic_source('utm_campaign', 'null', 'null') }}
    from leads
    where utm_source is not null or utm_medium is not null or utm_campaign is not null
),

sourced as (
    select
        leads.lead_key,
        leads.source_name,
        leads.lead_id,
        people.person_key,
        people.customer_key,
        leads.customer_id,
        leads.created_at,
        {{ counted_date(business_date('leads.created_at')) }} as created_date,
        leads.company,
        leads.country,
        leads.lead_source,
        leads.utm_source,
        leads.utm_medium,
        leads.utm_campaign,
        leads.utm_content,
        leads.utm_term,
        leads.self_reported_source,
        leads.owner_rep_id,
        coalesce(rep_references.rep_key, leads.owner_rep_key) as owner_rep_key,
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
        leads.updated_at,
        lead_customers.customer_since,
        case
            when tagged.is_sourced then tagged.source
            else coalesce(contacts.source, '(not set)')
        end as source,
        case
            when tagged.is_sourced then tagged.medium
            else coalesce(contacts.medium, '(not set)')
        end as medium,
        case
            when tagged.is_sourced then tagged.campaign
            else coalesce(contacts.campaign, tagged.campaign, '(not set)')
        end as campaign,
        case
            when tagged.is_sourced then tagged.click_id_type
            else coalesce(contacts.click_id_type, '(none)')
        end as click_id_type
    from leads
    inner join people on leads.lead_key = people.lead_key
    left join rep_references on leads.owner_rep_key = rep_references.rep_reference_key
    left join tagged on leads.lead_key = tagged.lead_key
    left join contacts on leads.lead_key = contacts.lead_key
    left join lead_customers on leads.lead_key = lead_customers.lead_key
),

keyed as (
    select
        *,
        {{ traffic_source_key() }} as traffic_source_key,
        coalesce(
            {{ seconds_between('created_at', 'customer_since') }}
            <= {{ var('lead_conversion_window_days') }} * 86400,
            false
        ) as is_converted
    from sourced
)

select * from keyed
