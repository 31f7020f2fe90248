with members as (
    select
        *,
        {{ tag_words("'(offline)'", 'channel', 'campaign') }}
    from {{ ref('stg_crm__campaign_members') }}
),

leads as (
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

known_ids as (
    select
        lead_id,
        min(lead_key) as lead_key
    from leads
    group by lead_id
    having count(*) = 1
),

-- The list of a fair is often a source of its own, which has no leads: it means the only lead of
-- that id. A CRM means its own, which it may have deleted.
lead_references as (
    select
        members.campaign_member_key,
        case
            when crms.source_name is null then coalesce(known_ids.lead_key, members.lead_key)
            else members.lead_key
        end as lead_key
    from members
    left join crms on members.source_name = crms.source_name
    left join known_ids on members.lead_id = known_ids.lead_id
),

people as (
    select
        lead_key,
        person_key
    from {{ ref('int_identity__leads') }}
),

-- An answer of a lead that nobody knows is no one's touch, but its cost was paid all the same.
touches as (
    select
        members.campaign_member_key as touch_key,
        lead_references.lead_key,
        people.person_key,
        members.responded_at as touched_at,
        members.cost,
        {{ traffic_source('members.campaign', 'null', 'null') }}
    from members
    inner join lead_references
        on members.campaign_member_key = lead_references.campaign_member_key
    left join people on lead_references.lead_key = people.lead_key
),

keyed as (
    select
        *,
        {{ traffic_source_key() }} as traffic_source_key
    from touches
)

select * from keyed
