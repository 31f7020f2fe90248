with latest as (
    {{ latest_version(source('shop', 'shop_refunds'), ['refund_id']) }}
),

renamed as (
    select
        {{ integer_key(['_source', 'refund_id']) }} as refund_key,
        {{ integer_key(['_source', 'order_id']) }} as order_key,
        {{ integer_key(['_source', 'order_item_id']) }} as order_item_key,
        {{ integer_key(['_source', 'customer_id']) }} as customer_key,
        _source as source_name,
        nullif({{ trimmed('refund_id') }}, '') as refund_id,
        refunded_at,
        nullif({{ trimmed('order_id') }}, '') as order_id,
        nullif({{ trimmed('order_item_id') }}, '') as order_item_id,
        nullif({{ trimmed('customer_id') }}, '') as customer_id,
        amount,
        upper(nullif({{ trimmed('currency') }}, '')) as currency,
        nullif({{ trimmed('reason') }}, '') as reason,
        _batch_id as batch_id
    from latest
)

select * from renamed
