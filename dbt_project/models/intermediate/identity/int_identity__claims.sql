-- What a record says by naming two identifiers: they are one person's. Visits without consent say
-- nothing, and a record without a consent of its own says nothing of a browser that denied it.
with web_rows as (
    select
        claimed_by,
        visitor_key,
        login_key,
        email_key,
        min(seen_at) as seen_at
    from {{ ref('int_identity__web_sightings') }}
    where not is_denied and (login_key is not null or email_key is not null)
    group by claimed_by, visitor_key, login_key, email_key
),

web_leads as (
    select
        sightings.visitor_key,
        lead_references.lead_key,
        min(sightings.seen_at) as seen_at
    from {{ ref('int_identity__web_sightings') }} as sightings
    inner join {{ ref('int_identity__lead_references') }} as lead_references
        on sightings.lead_reference_key = lead_references.lead_reference_key
    where
        lead_references.is_known
        and not sightings.is_denied
        and sightings.visitor_key is not null
    group by sightings.visitor_key, lead_references.lead_key
),

customers as (
    select
        customer_key,
        email_key,
        login_key,
        visitor_key,
        created_at as seen_at
    from {{ ref('stg_shop__customers') }}
),

orders as (
    select
        order_visitors.visitor_key,
        order_visitors.login_key,
        order_visitors.email_key,
        orders.customer_key,
        min(orders.ordered_at) as seen_at
    from {{ ref('stg_shop__orders') }} as orders
    inner join {{ ref('int_identity__order_visitors') }} as order_visitors
        on orders.order_key = order_visitors.order_key
    where orders.customer_key is not null and not order_visitors.is_consent_denied
    group by
        order_visitors.visitor_key,
        order_visitors.login_key,
        order_visitors.email_key,
        orders.customer_key
),

customer_references as (
    select
        customer_reference_key,
        customer_key
    from {{ ref('int_identity__customer_references') }}
),

leads as (
    select
        leads.lead_key,
        leads.email_key,
        leads.visitor_key,
        customer_references.customer_key,
        leads.created_at as seen_at,
        coalesce(leads.converted_at, leads.created_at) as customer_at
    from {{ ref('stg_crm__leads') }} as leads
    left join customer_references
        on
            {{ integer_key(['leads.source_name', 'leads.customer_id']) }}
            = customer_references.customer_reference_key
),

-- A deal of a lead that is not there, or no longer, names nobody.
deals as (
    select
        opportunity_leads.lead_key,
        customer_references.customer_key,
        min(opportunities.created_at) as seen_at
    from {{ ref('stg_crm__opportunities') }} as opportunities
    inner join {{ ref('int_identity__opportunities') }} as opportunity_leads
        on opportunities.opportunity_key = opportunity_leads.opportunity_key
    inner join leads on opportunity_leads.lead_key = leads.lead_key
    inner join customer_references
        on
            {{ integer_key(['opportunities.source_name', 'opportunities.customer_id']) }}
            = customer_references.customer_reference_key
    group by opportunity_leads.lead_key, customer_references.customer_key
),

of_people as (
    select
        'customer' as kind,
        customer_key as entity_key,
        'email' as other_kind,
        email_key as other_entity_key,
        'shop customer' as claimed_by,
        seen_at
    from customers
    union all
    select
        'customer' as kind,
        customer_key as entity_key,
        'login' as other_kind,
        login_key as other_entity_key,
        'shop customer' as claimed_by,
        seen_at
    from customers
    union all
    select
        'customer' as kind,
        customer_key as entity_key,
        'login' as other_kind,
        login_key as other_entity_key,
        'order' as claimed_by,
        seen_at
    from orders
    union all
    select
        'customer' as kind,
        customer_key as entity_key,
        'email' as other_kind,
        email_key as other_entity_key,
        'order' as claimed_by,
        seen_at
    from orders
    union all
    select
        'lead' as kind,
        lead_key as entity_key,
        'email' as other_kind,
        email_key as other_entity_key,
        'lead' as claimed_by,
        seen_at
    from leads
    union all
    select
        'lead' as kind,
        lead_key as entity_key,
        'customer' as other_kind,
        customer_key as other_entity_key,
        'lead' as claimed_by,
        customer_at as seen_at
    from leads
    union all
    select
        'lead' as kind,
        lead_key as entity_key,
        'customer' as other_kind,
        customer_key as other_entity_key,
        'opportunity' as claimed_by,
        seen_at
    from deals
    union all
    select
        'login' as kind,
        login_key as entity_key,
        'email' as other_kind,
        email_key as other_entity_key,
        claimed_by,
        seen_at
    from web_rows
),

of_browsers_by_the_web as (
    select
        visitor_key,
        'login' as other_kind,
        login_key as other_entity_key,
        claimed_by,
        seen_at
    from web_rows
    union all
    select
        visitor_key,
        'email' as other_kind,
        email_key as other_entity_key,
        claimed_by,
        seen_at
    from web_rows
    union all
    select
        visitor_key,
        'lead' as other_kind,
        lead_key as other_entity_key,
        'web event' as claimed_by,
        seen_at
    from web_leads
),

of_browsers_by_records as (
    select
        visitor_key,
        'customer' as other_kind,
        customer_key as other_entity_key,
        'shop customer' as claimed_by,
        seen_at
    from customers
    union all
    select
        visitor_key,
        'customer' as other_kind,
        customer_key as other_entity_key,
        'order' as claimed_by,
        seen_at
    from orders
    union all
    select
        visitor_key,
        'lead' as other_kind,
        lead_key as other_entity_key,
        'lead' as claimed_by,
        seen_at
    from leads
),

all_claims as (
    select
        kind,
        entity_key,
        other_kind,
        other_entity_key,
        claimed_by,
        seen_at
    from of_people
    union all
    select
        'visitor' as kind,
        visitor_key as entity_key,
        other_kind,
        other_entity_key,
        claimed_by,
        seen_at
    from of_browsers_by_the_web
    union all
    select
        'visitor' as kind,
        records.visitor_key as entity_key,
        records.other_kind,
        records.other_entity_key,
        records.claimed_by,
        records.seen_at
    from of_browsers_by_records as records
    left join {{ ref('int_identity__visitors_denied') }} as denied
        on records.visitor_key = denied.visitor_key
    where denied.visitor_key is null
),

claims as (
    select
        kind,
        entity_key,
        other_kind,
        other_entity_key,
        claimed_by,
        min(seen_at) as first_seen_at
    from all_claims
    where entity_key is not null and other_entity_key is not null
    group by kind, entity_key, other_kind, other_entity_key, claimed_by
),

keyed as (
    select
        {{ integer_key(['kind', 'entity_key']) }} as identifier_key,
        {{ integer_key(['other_kind', 'other_entity_key']) }} as other_identifier_key,
        kind,
        other_kind,
        claimed_by,
        first_seen_at
    from claims
)

select * from keyed
