with latest as (
    {{ latest_version(source('shop', 'shop_products'), ['product_id']) }}
),

renamed as (
    select
        {{ integer_key(['_source', 'product_id']) }} as product_key,
        _source as source_name,
        nullif({{ trimmed('product_id') }}, '') as product_id,
        nullif({{ trimmed('name') }}, '') as name,
        nullif({{ trimmed('category') }}, '') as category,
        unit_cost,
        upper(nullif({{ trimmed('currency') }}, '')) as currency,
        _batch_id as batch_id
    from latest
)

select * from renamed
