with members as (
    select
        *,
        {{ tag_words("'(offline)'", 'channel', 'campaign') }}
    from {{ ref('stg_crm__campaign_members') }}
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
        members.lead_key,
        people.person_key,
        members.responded_at as touched_at,
        members.cost,
        {{ traffic_source('members.campaign', 'null', 'null') }}
    from members
    left join people on members.lead_key = people.lead_key
),

keyed as (
    select
        *,
        {{ traffic_source_key() }} as traffic_source_key
    from touches
)

select * from keyed
