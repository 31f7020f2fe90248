with latest as (
    {{ latest_version(source('shop', 'shop_order_items'), ['order_item_id']) }}
),

renamed as (
    select
        {{ integer_key(['_source', 'order_item_id']) }} as order_item_key,
        {{ integer_key(['_source', 'order_id']) }} as order_key,
        {{ integer_key(['_source', 'product_id']) }} as product_key,
        _source as source_name,
        nullif({{ trimmed('order_item_id') }}, '') as order_item_id,
        nullif({{ trimmed('order_id') }}, '') as order_id,
        nullif({{ trimmed('product_id') }}, '') as product_id,
        quantity,
        unit_price,
        discount,
        unit_cost,
        _batch_id as batch_id
    from latest
)

select * from renamed
