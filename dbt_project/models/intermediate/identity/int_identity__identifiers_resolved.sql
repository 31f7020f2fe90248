-- An identifier that is linked with no other is a person by itself.
with resolved as (
    select
        identifiers.identifier_key,
        identifiers.kind,
        identifiers.entity_key,
        coalesce(people.person_key, identifiers.identifier_key) as person_key,
        identifiers.first_seen_at,
        nullif(people.merged_on, cast({{ end_of_time() }} as date)) as merged_on
    from {{ ref('int_identity__identifiers') }} as identifiers
    left join {{ ref('stg_derived__identity_people') }} as people
        on identifiers.identifier_key = people.identifier_key
)

select * from resolved
