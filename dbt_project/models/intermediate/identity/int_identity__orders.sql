with orders as (
    select
        order_key,
        customer_key as customer_reference_key
    from {{ ref('stg_shop__orders') }}
),

customer_references as (
    select
        customer_reference_key,
        customer_key
    from {{ ref('int_identity__customer_references') }}
),

customers as (
    select
        customer_key,
        person_key
    from {{ ref('int_identity__customers') }}
),

order_visitors as (
    select
        order_key,
        visitor_key,
        is_consent_denied
    from {{ ref('int_identity__order_visitors') }}
),

visitors as (
    select
        visitor_key,
        person_key
    from {{ ref('int_identity__visitors') }}
),

-- A record without a consent of its own says nothing of a browser that ever denied it.
denied as (
    select visitor_key
    from {{ ref('int_identity__visitors_denied') }}
),

-- Whoever ordered is the customer, else whose browser it was, unless consent was denied.
order_people as (
    select
        orders.order_key,
        customer_references.customer_key,
        order_visitors.visitor_key,
        coalesce(
            customers.person_key,
            case
                when not order_visitors.is_consent_denied and denied.visitor_key is null
                    then visitors.person_key
            end
        ) as person_key,
        coalesce(order_visitors.is_consent_denied, false) as is_consent_denied
    from orders
    left join customer_references
        on orders.customer_reference_key = customer_references.customer_reference_key
    left join customers on customer_references.customer_key = customers.customer_key
    left join order_visitors on orders.order_key = order_visitors.order_key
    left join visitors on order_visitors.visitor_key = visitors.visitor_key
    left join denied on order_visitors.visitor_key = denied.visitor_key
)

select * from order_people
