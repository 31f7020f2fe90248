-- A deal makes a lead a customer only if it is no older than the lead, an order only from the
-- lead's creation on and if it is the customer's first: who had bought before is no new customer.
-- A deal that is dated as won before its creation, or its lead's, was won then.
with leads as (
    select
        leads.lead_key,
        leads.created_at,
        people.customer_key
    from {{ ref('stg_crm__leads') }} as leads
    inner join {{ ref('int_identity__leads') }} as people on leads.lead_key = people.lead_key
),

won as (
    select
        leads.lead_key,
        min(greatest(opportunities.closed_at, opportunities.created_at, leads.created_at))
            as won_at
    from leads
    inner join {{ ref('int_core__opportunities_valued') }} as opportunities
        on leads.lead_key = opportunities.lead_key
    where
        opportunities.is_won
        and {{ is_led_to('opportunities.created_at', 'leads.created_at') }}
    group by leads.lead_key
),

first_orders as (
    select
        leads.lead_key,
        orders.ordered_at
    from leads
    inner join {{ ref('int_core__orders_valued') }} as orders
        on leads.customer_key = orders.customer_key
    where orders.is_first_order and orders.ordered_at >= leads.created_at
),

customers as (
    select
        leads.lead_key,
        least(won.won_at, first_orders.ordered_at) as customer_since
    from leads
    left join won on leads.lead_key = won.lead_key
    left join first_orders on leads.lead_key = first_orders.lead_key
)

select * from customers
