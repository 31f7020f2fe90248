with orders as (
    select
        order_key as conversion_key,
        order_id as conversion_id,
        'order' as conversion_type,
        person_key,
        is_consent_denied,
        ordered_at as converted_at,
        order_date as converted_date,
        is_first_order as is_new_customer,
        net_revenue as revenue,
        margin
    from {{ ref('int_core__orders_valued') }}
    where is_revenue
),

-- What a deal costs to deliver is not in the contract: its margin is unknown. A source may give a
-- deal and an order the same id: the deal as a conversion has a key of its own.
deals as (
    select
        {{ integer_key(["'opportunity'", 'opportunity_key']) }} as conversion_key,
        opportunity_id as conversion_id,
        'opportunity' as conversion_type,
        person_key,
        false as is_consent_denied,
        closed_at as converted_at,
        {{ business_date('closed_at') }} as converted_date,
        false as is_new_customer,
        coalesce(amount, 0) as revenue,
        cast(null as decimal(18, 4)) as margin
    from {{ ref('int_core__opportunities_valued') }}
    where is_won
),

conversions as (
    select * from orders
    union all
    select * from deals
)

select * from conversions
