with leads as (
    select
        lead_key,
        email_key,
        {{ integer_key(['source_name', 'customer_id']) }} as customer_reference_key
    from {{ ref('stg_crm__leads') }}
),

customer_references as (
    select
        customer_reference_key,
        customer_key
    from {{ ref('int_identity__customer_references') }}
),

opportunities as (
    select
        lead_key,
        {{ integer_key(['source_name', 'customer_id']) }} as customer_reference_key
    from {{ ref('stg_crm__opportunities') }}
),

opportunity_customers as (
    select
        opportunities.lead_key,
        min(customer_references.customer_key) as customer_key
    from opportunities
    inner join customer_references
        on opportunities.customer_reference_key = customer_references.customer_reference_key
    where opportunities.lead_key is not null
    group by opportunities.lead_key
),

email_customers as (
    select
        email_key,
        min(customer_key) as customer_key
    from {{ ref('stg_shop__customers') }}
    where email_key is not null
    group by email_key
),

-- The CRM's own statement wins over its deals, and both over an equal e-mail.
linked as (
    select
        leads.lead_key,
        leads.email_key,
        coalesce(
            customer_references.customer_key,
            opportunity_customers.customer_key,
            email_customers.customer_key
        ) as customer_key
    from leads
    left join customer_references
        on leads.customer_reference_key = customer_references.customer_reference_key
    left join opportunity_customers on leads.lead_key = opportunity_customers.lead_key
    left join email_customers on leads.email_key = email_customers.email_key
),

grouped as (
    select
        lead_key,
        customer_key,
        coalesce(
            case
                when email_key is not null then min(lead_key) over (partition by email_key)
            end,
            lead_key
        ) as first_lead_key
    from linked
),

-- A source may give a lead and a customer the same id: the person of a lead has a key of its own.
lead_people as (
    select
        lead_key,
        customer_key,
        coalesce(customer_key, {{ integer_key(["'lead'", 'first_lead_key']) }}) as person_key
    from grouped
)

select * from lead_people
