with identifiers as (
    select * from {{ ref('int_identity__identifiers_resolved') }}
),

-- Of several customers, one stands for the person: the one that was seen first.
first_customers as (
    select
        person_key,
        entity_key as customer_key
    from identifiers
    where kind = 'customer'
    qualify
        row_number() over (
            partition by person_key order by first_seen_at nulls last, entity_key nulls last
        ) = 1
),

totals as (
    select
        person_key,
        cast(sum(case when kind = 'customer' then 1 else 0 end) as bigint) as customers
    from identifiers
    group by person_key
),

people as (
    select
        totals.person_key,
        first_customers.customer_key,
        totals.customers
    from totals
    left join first_customers on totals.person_key = first_customers.person_key
)

select * from people
