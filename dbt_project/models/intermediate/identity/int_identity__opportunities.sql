-- A deal came from the lead that it names, else from the lead that names it: a CRM keeps either. Of
-- several leads that became one deal, the first counts. A lead that was never delivered, or was
-- deleted, as when it was merged into another, is none. A source of leads without deals means the
-- only deal of the id that a lead names.
with opportunities as (
    select
        source_name,
        opportunity_key,
        opportunity_id,
        lead_key,
        lead_id
    from {{ ref('stg_crm__opportunities') }}
),

lead_references as (
    select
        lead_reference_key,
        lead_key
    from {{ ref('int_identity__lead_references') }}
),

deal_sources as (
    select distinct source_name
    from opportunities
),

known_ids as (
    select
        opportunity_id,
        min(opportunity_key) as opportunity_key
    from opportunities
    group by opportunity_id
    having count(*) = 1
),

leads as (
    select
        leads.lead_key,
        leads.lead_id,
        case
            when deal_sources.source_name is null
                then coalesce(known_ids.opportunity_key, leads.opportunity_key)
            else leads.opportunity_key
        end as opportunity_key,
        leads.created_at
    from {{ ref('stg_crm__leads') }} as leads
    left join deal_sources on leads.source_name = deal_sources.source_name
    left join known_ids on leads.opportunity_id = known_ids.opportunity_id
),

converted_leads as (
    select
        opportunity_key,
        lead_key,
        lead_id
    from leads
    where opportunity_key is not null
    qualify
        row_number() over (
            partition by opportunity_key order by created_at nulls last, lead_id nulls last
        ) = 1
),

named as (
    select
        opportunities.opportunity_key,
        coalesce(leads.lead_key, converted_leads.lead_key) as lead_key,
        coalesce(leads.lead_id, converted_leads.lead_id, opportunities.lead_id) as lead_id
    from opportunities
    left join lead_references on opportunities.lead_key = lead_references.lead_reference_key
    left join leads on lead_references.lead_key = leads.lead_key
    left join converted_leads
        on opportunities.opportunity_key = converted_leads.opportunity_key
)

select * from named
