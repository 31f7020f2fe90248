-- CRMs define leads; a fair's list, a site's form, a system of deals or one of calls may only refer
-- to them. Such a source means the only lead of that id, else one that nobody knows. A CRM means
-- its own, which it may have deleted.
with leads as (
    select
        lead_key,
        lead_id,
        source_name
    from {{ ref('stg_crm__leads') }}
),

crms as (
    select distinct source_name
    from leads
),

mentions as (
    {% for model in [
        'stg_crm__opportunities', 'stg_crm__activities', 'stg_crm__campaign_members',
        'stg_web__events',
    ] -%}
        select
            source_name,
            lead_id,
            lead_key as lead_reference_key
        from {{ ref(model) }}
        where lead_key is not null
        {% if not loop.last %}union{% endif %}
    {% endfor %}
),

known_ids as (
    select
        lead_id,
        min(lead_key) as lead_key
    from leads
    group by lead_id
    having count(*) = 1
),

resolved as (
    select
        mentions.lead_reference_key,
        coalesce(
            case when crms.source_name is null then known_ids.lead_key end,
            mentions.lead_reference_key
        ) as lead_key
    from mentions
    left join crms on mentions.source_name = crms.source_name
    left join known_ids on mentions.lead_id = known_ids.lead_id
),

judged as (
    select
        resolved.lead_reference_key,
        resolved.lead_key,
        leads.lead_key is not null as is_known
    from resolved
    left join leads on resolved.lead_key = leads.lead_key
)

select * from judged
