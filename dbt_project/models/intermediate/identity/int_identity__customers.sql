with customers as (
    select
        entity_key as customer_key,
        person_key
    from {{ ref('int_identity__identifiers_resolved') }}
    where kind = 'customer'
)

select * from customers
