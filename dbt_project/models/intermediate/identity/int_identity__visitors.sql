with customers as (
    select
        customer_key,
        visitor_key,
        login_key,
        email_key
    from {{ ref('stg_shop__customers') }}
),

events as (
    select distinct
        visitor_key,
        login_key,
        email_key
    from {{ ref('stg_web__events') }}
    where visitor_key is not null
),

sessions as (
    select distinct
        visitor_key,
        login_key
    from {{ ref('stg_web__sessions') }}
    where visitor_key is not null
),

leads as (
    select
        leads.visitor_key,
        people.person_key,
        people.customer_key
    from {{ ref('stg_crm__leads') }} as leads
    inner join {{ ref('int_identity__leads') }} as people on leads.lead_key = people.lead_key
    where leads.visitor_key is not null
),

customer_links as (
    select
        visitor_key,
        customer_key
    from customers
    where visitor_key is not null
    union
    select
        order_visitors.visitor_key,
        orders.customer_key
    from {{ ref('stg_shop__orders') }} as orders
    inner join {{ ref('int_identity__order_visitors') }} as order_visitors
        on orders.order_key = order_visitors.order_key
    where order_visitors.visitor_key is not null and orders.customer_key is not null
    union
    select
        events.visitor_key,
        customers.customer_key
    from events
    inner join customers on events.login_key = customers.login_key
    union
    select
        events.visitor_key,
        customers.customer_key
    from events
    inner join customers on events.email_key = customers.email_key
    union
    select
        sessions.visitor_key,
        customers.customer_key
    from sessions
    inner join customers on sessions.login_key = customers.login_key
    union
    select
        visitor_key,
        customer_key
    from leads
    where customer_key is not null
),

-- A device that several customers used belongs to one of them, always the same.
visitor_customers as (
    select
        visitor_key,
        min(customer_key) as customer_key,
        count(*) as customers
    from customer_links
    group by visitor_key
),

visitor_leads as (
    select
        visitor_key,
        min(person_key) as person_key
    from leads
    where customer_key is null
    group by visitor_key
),

visitors as (
    select visitor_key from events
    union
    select visitor_key from sessions
    union
    select visitor_key from customer_links
    union
    select visitor_key from visitor_leads
),

visitor_people as (
    select
        visitors.visitor_key,
        visitor_customers.customer_key,
        coalesce(
            visitor_customers.customer_key, visitor_leads.person_key, visitors.visitor_key
        ) as person_key,
        coalesce(visitor_customers.customers, 0) > 1 as is_shared
    from visitors
    left join visitor_customers on visitors.visitor_key = visitor_customers.visitor_key
    left join visitor_leads on visitors.visitor_key = visitor_leads.visitor_key
)

select * from visitor_people
