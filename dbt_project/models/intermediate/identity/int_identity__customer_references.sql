-- Shops define customers; every other system only refers to them. A reference means the customer
-- of its own source, else the only customer of that id anywhere, else one unknown to every shop:
-- the same wherever it is mentioned, unless several CRMs number their own accounts so.
with shops as (
    select source_name
    from {{ ref('stg_shop__customers') }}
    union
    select source_name
    from {{ ref('stg_shop__orders') }}
),

-- Another system that refunds, such as a payment provider, is no shop; who it names counts only
-- where the order does not say whose refund it is.
refunds as (
    select distinct
        refunds.source_name,
        refunds.customer_id,
        refunds.customer_key,
        shops.source_name is not null as is_of_shop
    from {{ ref('stg_shop__refunds') }} as refunds
    left join shops on refunds.source_name = shops.source_name
    left join {{ ref('int_core__order_references') }} as order_references
        on refunds.order_key = order_references.order_reference_key
    left join {{ ref('stg_shop__orders') }} as orders
        on order_references.order_key = orders.order_key
    where
        refunds.customer_key is not null
        and (shops.source_name is not null or orders.customer_key is null)
),

shop_customers as (
    select
        source_name,
        customer_id,
        customer_key
    from {{ ref('stg_shop__customers') }}
    union
    select
        source_name,
        customer_id,
        customer_key
    from {{ ref('stg_shop__orders') }}
    where customer_key is not null
    union
    select
        source_name,
        customer_id,
        customer_key
    from refunds
    where is_of_shop
),

other_references as (
    select
        source_name,
        customer_id,
        {{ integer_key(['source_name', 'customer_id']) }} as customer_key
    from {{ ref('stg_crm__leads') }}
    where customer_id is not null
    union
    select
        source_name,
        customer_id,
        {{ integer_key(['source_name', 'customer_id']) }} as customer_key
    from {{ ref('stg_crm__opportunities') }}
    where customer_id is not null
    union
    select
        source_name,
        customer_id,
        {{ integer_key(['source_name', 'customer_id']) }} as customer_key
    from {{ ref('stg_support__tickets') }}
    where customer_id is not null
    union
    select
        source_name,
        customer_id,
        {{ integer_key(['source_name', 'customer_id']) }} as customer_key
    from {{ ref('stg_survey__responses') }}
    where customer_id is not null
    union
    select
        source_name,
        customer_id,
        customer_key
    from refunds
    where not is_of_shop
),

known_ids as (
    select
        customer_id,
        min(customer_key) as customer_key,
        count(*) as customers
    from shop_customers
    group by customer_id
),

-- A CRM that delivers deals gives its accounts numbers of its own; a list of leads need not.
crms as (
    select distinct source_name
    from {{ ref('stg_crm__opportunities') }}
),

crm_ids as (
    select
        other_references.customer_id,
        count(*) as crms
    from other_references
    inner join crms on other_references.source_name = crms.source_name
    group by other_references.customer_id
),

own_references as (
    select
        other_references.source_name,
        other_references.customer_id,
        other_references.customer_key as customer_reference_key,
        known_ids.customer_key as known_customer_key,
        known_ids.customers,
        crm_ids.crms
    from other_references
    left join known_ids on other_references.customer_id = known_ids.customer_id
    left join crm_ids on other_references.customer_id = crm_ids.customer_id
    left join shop_customers on other_references.customer_key = shop_customers.customer_key
    where shop_customers.customer_key is null
),

resolved as (
    select
        customer_key as customer_reference_key,
        customer_key,
        customer_id,
        source_name
    from shop_customers

    union all

    select
        customer_reference_key,
        case
            when customers = 1 then known_customer_key
            when customers > 1 or crms > 1 then customer_reference_key
            else min(customer_reference_key) over (partition by customer_id)
        end as customer_key,
        customer_id,
        source_name
    from own_references
)

select * from resolved
