-- Everything that channel figures are made of, by day: what no model touches (visits, leads,
-- spend) with a null model, what a model credits with the model's name.
with traffic_sources as (
    select
        traffic_source_key,
        channel
    from {{ ref('int_attribution__traffic_sources') }}
),

sessions as (
    select
        {{ business_date('sessions.started_at') }} as activity_date,
        traffic_sources.channel,
        count(*) as sessions
    from {{ ref('int_sessions__sessions_counted') }} as sessions
    inner join traffic_sources
        on sessions.traffic_source_key = traffic_sources.traffic_source_key
    group by {{ business_date('sessions.started_at') }}, traffic_sources.channel
),

leads as (
    select
        leads.created_date as activity_date,
        traffic_sources.channel,
        count(*) as leads
    from {{ ref('int_core__leads_sourced') }} as leads
    inner join traffic_sources on leads.traffic_source_key = traffic_sources.traffic_source_key
    group by leads.created_date, traffic_sources.channel
),

spend as (
    select
        spend.spend_date as activity_date,
        traffic_sources.channel,
        sum(spend.impressions) as impressions,
        sum(spend.clicks) as clicks,
        sum(spend.spend) as spend,
        sum(spend.platform_conversions) as platform_conversions
    from {{ ref('int_core__ad_spend_valued') }} as spend
    inner join traffic_sources on spend.traffic_source_key = traffic_sources.traffic_source_key
    group by spend.spend_date, traffic_sources.channel
),

credits as (
    select
        converted_date as activity_date,
        channel,
        model,
        conversion_type,
        sum(credit) as conversions,
        sum(case when is_new_customer then credit else 0 end) as new_customers,
        sum(attributed_revenue) as attributed_revenue,
        sum(attributed_margin) as attributed_margin,
        sum(case when attributed_margin is null then 1 else 0 end) as unknown_margins
    from {{ ref('int_attribution__touches_credited') }}
    group by converted_date, channel, model, conversion_type
),

refunds as (
    select
        refund_date as activity_date,
        channel,
        model,
        sum(refunded) as refunded
    from {{ ref('int_attribution__refunds_reversed') }}
    group by refund_date, channel, model
),

combined as (
    select
        activity_date,
        channel,
        cast(null as {{ dbt.type_string() }}) as model,
        cast(null as {{ dbt.type_string() }}) as conversion_type,
        cast(sessions as bigint) as sessions,
        cast(0 as bigint) as leads,
        cast(0 as bigint) as impressions,
        cast(0 as bigint) as clicks,
        cast(0 as decimal(18, 4)) as spend,
        cast(0 as decimal(18, 4)) as platform_conversions,
        cast(0 as decimal(18, 9)) as conversions,
        cast(0 as decimal(18, 9)) as new_customers,
        cast(0 as decimal(18, 4)) as attributed_revenue,
        cast(0 as decimal(18, 4)) as attributed_margin,
        cast(0 as bigint) as unknown_margins,
        cast(0 as decimal(18, 4)) as refunded
    from sessions

    union all

    select
        activity_date,
        channel,
        null as model,
        null as conversion_type,
        0 as sessions,
        cast(leads as bigint) as leads,
        0 as impressions,
        0 as clicks,
        0 as spend,
        0 as platform_conversions,
        0 as conversions,
        0 as new_customers,
        0 as attributed_revenue,
        0 as attributed_margin,
        0 as unknown_margins,
        0 as refunded
    from leads

    union all

    select
        activity_date,
        channel,
        null as model,
        null as conversion_type,
        0 as sessions,
        0 as leads,
        cast(coalesce(impressions, 0) as bigint) as impressions,
        cast(coalesce(clicks, 0) as bigint) as clicks,
        cast(spend as decimal(18, 4)) as spend,
        cast(coalesce(platform_conversions, 0) as decimal(18, 4)) as platform_conversions,
        0 as conversions,
        0 as new_customers,
        0 as attributed_revenue,
        0 as attributed_margin,
        0 as unknown_margins,
        0 as refunded
    from spend

    union all

    select
        activity_date,
        channel,
        model,
        conversion_type,
        0 as sessions,
        0 as leads,
        0 as impressions,
        0 as clicks,
        0 as spend,
        0 as platform_conversions,
        cast(conversions as decimal(18, 9)) as conversions,
        cast(new_customers as decimal(18, 9)) as new_customers,
        cast(attributed_revenue as decimal(18, 4)) as attributed_revenue,
        cast(attributed_margin as decimal(18, 4)) as attributed_margin,
        cast(unknown_margins as bigint) as unknown_margins,
        0 as refunded
    from credits

    union all

    select
        activity_date,
        channel,
        model,
        'order' as conversion_type,
        0 as sessions,
        0 as leads,
        0 as impressions,
        0 as clicks,
        0 as spend,
        0 as platform_conversions,
        0 as conversions,
        0 as new_customers,
        0 as attributed_revenue,
        0 as attributed_margin,
        0 as unknown_margins,
        cast(refunded as decimal(18, 4)) as refunded
    from refunds
),

totals as (
    select
        activity_date,
        channel,
        model,
        conversion_type,
        cast(sum(sessions) as bigint) as sessions,
        cast(sum(leads) as bigint) as leads,
        cast(sum(impressions) as bigint) as impressions,
        cast(sum(clicks) as bigint) as clicks,
        cast(sum(spend) as decimal(18, 4)) as spend,
        cast(sum(platform_conversions) as decimal(18, 4)) as platform_conversions,
        cast(sum(conversions) as decimal(18, 9)) as conversions,
        cast(sum(new_customers) as decimal(18, 9)) as new_customers,
        cast(sum(attributed_revenue) as decimal(18, 4)) as attributed_revenue,
        -- Without conversions there is no margin; one of unknown margin makes the sum unknown.
        cast(
            case when sum(unknown_margins) = 0 then sum(attributed_margin) end as decimal(18, 4)
        ) as attributed_margin,
        cast(sum(unknown_margins) as bigint) as unknown_margins,
        cast(sum(refunded) as decimal(18, 4)) as refunded
    from combined
    group by activity_date, channel, model, conversion_type
)

select * from totals
