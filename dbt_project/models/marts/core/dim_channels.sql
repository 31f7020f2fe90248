with channels as (
    select
        channel,
        channel_group,
        is_paid
    from {{ ref('int_attribution__channels') }}
)

select * from channels
