-- An address that several customers share belongs to one of them, always the same.
with email_customers as (
    select
        email_key,
        min(customer_key) as customer_key
    from {{ ref('stg_shop__customers') }}
    where email_key is not null
    group by email_key
)

select * from email_customers
