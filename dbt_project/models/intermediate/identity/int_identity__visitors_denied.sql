with denied as (
    select distinct visitor_key
    from {{ ref('int_identity__web_sightings') }}
    where is_denied and visitor_key is not null
)

select * from denied
