with members as (
    select
        *,
        {{ tag_words("'(offline)'", 'channel', 'campaign') }}
    from {{ ref('stg_crm__campaign_members') }}
),

lead_references as (
    select
        lead_reference_key,
        lead_key
    from {{ ref('int_identity__lead_references') }}
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
    left join lead_references on members.lead_key = lead_references.lead_reference_key
    left join people on lead_references.lead_key = people.lead_key
),

keyed as (
    select
        *,
        {{ traffic_source_key() }} as traffic_source_key
    from touches
)

select * from keyed
