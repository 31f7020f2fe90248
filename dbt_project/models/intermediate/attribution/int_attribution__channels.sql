with ruled as (
    select
        channel,
        min(channel_group) as channel_group,
        max(case when is_paid then 1 else 0 end) = 1 as is_paid
    from {{ ref('channel_rules') }}
    group by channel
),

-- What no rule names: visits no rule matched, and conversions no touch earned.
special as (
    select 'Unassigned' as channel
    union all
    select '(unattributed)' as channel
    union all
    select '(no consent)' as channel
),

channels as (
    select
        channel,
        channel_group,
        is_paid
    from ruled

    union all

    select
        special.channel,
        'Other' as channel_group,
        false as is_paid
    from special
    left join ruled on special.channel = ruled.channel
    where ruled.channel is null
),

-- Paths name a channel by its number.
numbered as (
    select
        *,
        cast(row_number() over (order by channel nulls last) as integer) as channel_number
    from channels
)

select * from numbered
