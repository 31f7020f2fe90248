with identifiers as (
    select
        identifier_key,
        person_key,
        kind,
        first_seen_at,
        merged_on
    from {{ ref('int_identity__identifiers_resolved') }}
),

keys as (
    select
        identifier_key,
        person_key,
        kind,
        identifier_key = person_key as is_current,
        first_seen_at,
        merged_on
    from identifiers
)

select * from keys
