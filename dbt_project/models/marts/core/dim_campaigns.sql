with seen as (
    select * from {{ ref('int_core__campaigns_seen') }}
),

channel_totals as (
    select
        campaign,
        channel,
        sum(spend) as spend,
        sum(sessions + leads + responses) as touches
    from seen
    group by campaign, channel
),

main_channels as (
    select
        campaign,
        channel,
        count(*) over (partition by campaign) as channel_count
    from channel_totals
    qualify
        row_number() over (
            partition by campaign
            order by spend desc nulls last, touches desc nulls last, channel asc nulls last
        ) = 1
),

totals as (
    select
        campaign,
        min(platform) as first_platform,
        cast(count(distinct platform) as bigint) as platform_count,
        min(first_seen_on) as first_seen_on,
        max(last_seen_on) as last_seen_on,
        cast(sum(sessions) as bigint) as sessions,
        cast(sum(leads) as bigint) as leads,
        cast(sum(responses) as bigint) as responses,
        cast(sum(spend) as decimal(18, 4)) as spend,
        cast(sum(response_cost) as decimal(18, 4)) as response_cost
    from seen
    group by campaign
),

campaigns as (
    select
        totals.campaign,
        main_channels.channel,
        cast(main_channels.channel_count as bigint) as channel_count,
        case
            when totals.platform_count = 0 then '(none)'
            when totals.platform_count = 1 then totals.first_platform
            else '(several)'
        end as platform,
        totals.platform_count,
        totals.first_seen_on,
        totals.last_seen_on,
        totals.sessions,
        totals.leads,
        totals.responses,
        totals.spend,
        totals.response_cost
    from totals
    inner join main_channels on totals.campaign = main_channels.campaign
)

select * from campaigns
