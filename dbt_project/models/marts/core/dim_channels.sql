-- Facts and KPIs say '(unknown)' where no touch and no lead is known. No path names it, so that
-- attribution needs no number for it.
with known as (
    select
        channel,
        channel_group,
        is_paid
    from {{ ref('int_attribution__channels') }}
),

unknown as (
    select '(unknown)' as channel
),

channels as (
    select * from known

    union all

    select
        unknown.channel,
        'Other' as channel_group,
        false as is_paid
    from unknown
    left join known on unknown.channel = known.channel
    where known.channel is null
)

select * from channels
