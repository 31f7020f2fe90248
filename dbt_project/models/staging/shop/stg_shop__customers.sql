with latest as (
    {{ latest_version(source('shop', 'shop_customers'), ['customer_id'], updated_at='updated_at') }}
),

renamed as (
    select
        {{ integer_key(['_source', 'customer_id']) }} as customer_key,
        {{ identifying_key('email') }} as email_key,
        {{ identifying_key('user_id') }} as login_key,
        {{ identifying_key('anonymous_id') }} as visitor_key,
        _source as source_name,
        nullif({{ trimmed('customer_id') }}, '') as customer_id,
        created_at,
        nullif({{ trimmed('country') }}, '') as country,
        nullif({{ trimmed('segment') }}, '') as segment,
        marketing_consent,
        updated_at,
        _batch_id as batch_id
    from latest
    where not coalesce(is_deleted, false)
)

select * from renamed
