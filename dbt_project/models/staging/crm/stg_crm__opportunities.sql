with latest as (
    {{ latest_version(
        source('crm', 'crm_opportunities'), ['opportunity_id'], updated_at='updated_at'
    ) }}
),

renamed as (
    select
        {{ integer_key(['_source', 'opportunity_id']) }} as opportunity_key,
        {{ integer_key(['_source', 'lead_id']) }} as lead_key,
        {{ integer_key(['_source', 'owner_rep_id']) }} as owner_rep_key,
        _source as source_name,
        nullif({{ trimmed('opportunity_id') }}, '') as opportunity_id,
        nullif({{ trimmed('lead_id') }}, '') as lead_id,
        nullif({{ trimmed('customer_id') }}, '') as customer_id,
        nullif({{ trimmed('account_name') }}, '') as account_name,
        nullif({{ trimmed('segment') }}, '') as segment,
        nullif({{ trimmed('product') }}, '') as product,
        nullif({{ trimmed('owner_rep_id') }}, '') as owner_rep_id,
        created_at,
        nullif({{ trimmed('stage') }}, '') as stage,
        amount,
        upper(nullif({{ trimmed('currency') }}, '')) as currency,
        expected_close_on,
        closed_at,
        is_won,
        nullif({{ trimmed('lost_reason') }}, '') as lost_reason,
        nullif({{ trimmed('competitor') }}, '') as competitor,
        updated_at,
        _batch_id as batch_id
    from latest
    where not coalesce(is_deleted, false)
)

select * from renamed
