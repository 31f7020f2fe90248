-- What an order's lines add up to, in the order's own currency; its cost, in the reporting
-- currency, is known only when that of every line is.
with items as (
    select
        order_key,
        gross_amount,
        discount_amount,
        cost
    from {{ ref('int_core__order_items_costed') }}
    where order_key is not null
),

totals as (
    select
        order_key,
        cast(count(*) as bigint) as item_count,
        cast(sum(gross_amount) as decimal(18, 4)) as gross_amount,
        cast(sum(discount_amount) as decimal(18, 4)) as discount_amount,
        case when count(cost) = count(*) then cast(sum(cost) as decimal(18, 4)) end as cost
    from items
    group by order_key
)

select * from totals
