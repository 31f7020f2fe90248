with steps as (
    select * from {{ ref('int_attribution__steps_counted') }}
),

channels as (
    select
        channel_number,
        channel
    from {{ ref('int_attribution__channels') }}
),

-- Inner steps of journeys that converted and of those that were lost are the same kind of step.
named as (
    select
        steps.period_start,
        before_2.channel as before_2,
        before_1.channel as before_1,
        channels.channel,
        case
            when steps.next_number is not null then next_channels.channel
            when steps.is_converting then '(converted)'
            else '(lost)'
        end as next_step,
        cast(sum(steps.steps) as bigint) as transitions
    from steps
    left join channels on steps.channel_number = channels.channel_number
    left join channels as before_1 on steps.before_1_number = before_1.channel_number
    left join channels as before_2 on steps.before_2_number = before_2.channel_number
    left join channels as next_channels on steps.next_number = next_channels.channel_number
    group by
        steps.period_start,
        before_2.channel,
        before_1.channel,
        channels.channel,
        case
            when steps.next_number is not null then next_channels.channel
            when steps.is_converting then '(converted)'
            else '(lost)'
        end
)

select * from named
