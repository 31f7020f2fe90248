with latest as (
    {{ latest_version(
        source('crm', 'crm_campaign_members'), ['campaign', 'lead_id', 'responded_at']
    ) }}
),

renamed as (
    select
        {{ integer_key([
            '_source',
            'campaign',
            'lead_id',
            'responded_at',
        ]) }} as campaign_member_key,
        {{ integer_key(['_source', 'lead_id']) }} as lead_key,
        _source as source_name,
        nullif({{ trimmed('campaign') }}, '') as campaign,
        nullif({{ trimmed('channel') }}, '') as channel,
        nullif({{ trimmed('lead_id') }}, '') as lead_id,
        responded_at,
        cost,
        _batch_id as batch_id
    from latest
)

select * from renamed
