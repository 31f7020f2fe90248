with latest as (
    {{ latest_version(source('shop', 'shop_orders'), ['order_id'], updated_at='updated_at') }}
),

renamed as (
    select
        {{ integer_key(['_source', 'order_id']) }} as order_key,
        {{ integer_key(['_source', 'customer_id']) }} as customer_key,
        {{ identifying_key('anonymous_id') }} as visitor_key,
        {{ integer_key(['_source', 'rep_id']) }} as rep_key,
        _source as source_name,
        nullif({{ trimmed('order_id') }}, '') as order_id,
        ordered_at,
        nullif({{ trimmed('customer_id') }}, '') as customer_id,
        nullif({{ lowered(trimmed('status')) }}, '') as status,
        upper(nullif({{ trimmed('currency') }}, '')) as currency,
        total,
        discount,
        tax,
        shipping,
        nullif({{ trimmed('coupon') }}, '') as coupon,
        nullif({{ trimmed('session_id') }}, '') as session_id,
        nullif({{ trimmed('rep_id') }}, '') as rep_id,
        nullif({{ trimmed('country') }}, '') as country,
        updated_at,
        _batch_id as batch_id
    from latest
)

select * from renamed
