with denied as (
    select visitor_key
    from {{ ref('stg_web__events') }}
    where consent = 'denied' and visitor_key is not null
    union
    select visitor_key
    from {{ ref('stg_web__sessions') }}
    where consent = 'denied' and visitor_key is not null
)

select * from denied
