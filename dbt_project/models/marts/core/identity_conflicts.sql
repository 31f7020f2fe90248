with conflicts as (
    select
        identifier_key,
        kind,
        person_key,
        claimants,
        resolution,
        first_claimed_at,
        {{ business_date('first_claimed_at') }} as first_claimed_date,
        last_claimed_at
    from {{ ref('int_identity__conflicts') }}
)

select * from conflicts
