with identifiers as (
    select
        entity_key as lead_key,
        person_key
    from {{ ref('int_identity__identifiers_resolved') }}
    where kind = 'lead'
),

people as (
    select
        person_key,
        customer_key
    from {{ ref('int_identity__people') }}
),

customer_references as (
    select
        customer_reference_key,
        customer_key
    from {{ ref('int_identity__customer_references') }}
),

leads as (
    select
        lead_key,
        {{ integer_key(['source_name', 'customer_id']) }} as customer_reference_key
    from {{ ref('stg_crm__leads') }}
),

opportunity_customers as (
    select
        opportunity_leads.lead_key,
        customer_references.customer_key
    from {{ ref('stg_crm__opportunities') }} as opportunities
    inner join {{ ref('int_identity__opportunities') }} as opportunity_leads
        on opportunities.opportunity_key = opportunity_leads.opportunity_key
    inner join customer_references
        on
            {{ integer_key(['opportunities.source_name', 'opportunities.customer_id']) }}
            = customer_references.customer_reference_key
    qualify
        row_number() over (
            partition by opportunity_leads.lead_key
            order by opportunities.created_at nulls last, opportunities.opportunity_key nulls last
        ) = 1
),

-- The customer that the CRM names wins over its first deal's, and both over the person's first.
lead_people as (
    select
        leads.lead_key,
        coalesce(
            customer_references.customer_key,
            opportunity_customers.customer_key,
            people.customer_key
        ) as customer_key,
        identifiers.person_key
    from leads
    inner join identifiers on leads.lead_key = identifiers.lead_key
    inner join people on identifiers.person_key = people.person_key
    left join customer_references
        on leads.customer_reference_key = customer_references.customer_reference_key
    left join opportunity_customers on leads.lead_key = opportunity_customers.lead_key
)

select * from lead_people
