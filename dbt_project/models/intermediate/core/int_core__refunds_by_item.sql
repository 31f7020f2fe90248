-- The lines that a refund takes back: the one that it names, else all of its order, each by its
-- part of the order, exactly. Where neither is known it takes back no line. A line of another order
-- than the refund's is not meant: what was refunded of an order would not be that of its lines.
with refunds as (
    select
        refund_key,
        order_key,
        order_item_key,
        refund_date,
        is_revenue,
        refunded
    from {{ ref('int_core__refunds_valued') }}
),

items as (
    select
        order_item_key,
        order_key,
        product_key,
        product_category,
        part_before,
        part_through,
        part_whole
    from {{ ref('int_core__order_items_valued') }}
),

named as (
    select
        refunds.*,
        items.order_item_key as named_item_key,
        items.order_key as named_order_key,
        items.product_key as named_product_key,
        items.product_category as named_category,
        case when items.order_item_key is null then refunds.order_key end as shared_order_key
    from refunds
    left join items
        on
            refunds.order_item_key = items.order_item_key
            and coalesce(refunds.order_key = items.order_key, true)
),

split as (
    select
        named.refund_key,
        coalesce(named.named_item_key, items.order_item_key) as order_item_key,
        coalesce(named.named_order_key, items.order_key) as order_key,
        coalesce(named.named_product_key, items.product_key) as product_key,
        coalesce(named.named_category, items.product_category, '(unknown)') as product_category,
        named.refund_date,
        named.is_revenue,
        case
            when items.order_item_key is null then named.refunded
            else {{ share_between(
                'named.refunded', 'items.part_before', 'items.part_through', 'items.part_whole'
            ) }}
        end as refunded
    from named
    left join items on named.shared_order_key = items.order_key
)

select * from split
