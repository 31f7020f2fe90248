-- What marketing cost and what is credited to it, by the attribution model that KPIs use. Only the
-- channels with advertising spend have a return: what others earn is no return on it. Orders whose
-- goods have no known cost, and deals, earn no margin here; refunds take none back. Where no margin
-- is known at all, there is no return either, not one of -100 %. Where revenue
-- is that of deals alone, the margin is still that of the orders which fulfil them.
{%- set dimensions = ['channel', 'campaign'] %}
{%- set measures = [
    'spend', 'spend_rows', 'cost_amount', 'cost_rows', 'revenue', 'revenue_rows', 'profit', 'profit_rows',
    'margin_rows',
] %}
with performance as (
    select
        activity_date,
        channel,
        campaign,
        model,
        conversion_type,
        sessions,
        spend,
        other_costs,
        conversions,
        attributed_revenue,
        attributed_margin
    from {{ ref('int_attribution__performance_daily') }}
    where model is null or model = '{{ var("kpi_attribution_model") }}'
),

channels as (
    select
        channel,
        sum(spend) as spend
    from performance
    group by channel
),

-- A day on which only something came back has no case.
credited as (
    select
        performance.activity_date,
        performance.channel,
        performance.campaign,
        performance.conversion_type,
        performance.attributed_revenue,
        performance.attributed_margin,
        channels.spend > 0 as is_advertised
    from performance
    inner join channels on performance.channel = channels.channel
    where performance.model is not null and performance.conversions <> 0
),

visited as (
    select max(sessions) > 0 as has_visits from performance
),

advertised as (
    select count(*) > 0 as has_orders
    from credited
    where is_advertised and conversion_type = 'order'
),

facts as (
    select
        'ads_spend' as raw_table,
        activity_date,
        channel,
        campaign,
        spend,
        1 as spend_rows,
        spend as cost_amount,
        1 as cost_rows,
        0 as revenue,
        0 as revenue_rows,
        -spend as profit,
        1 as profit_rows,
        0 as margin_rows
    from performance
    where model is null and spend <> 0

    union all

    -- Campaigns of the CRM come now and then: its leads tell whether it still delivers.
    select
        'crm_leads' as raw_table,
        activity_date,
        channel,
        campaign,
        0 as spend,
        0 as spend_rows,
        other_costs as cost_amount,
        1 as cost_rows,
        0 as revenue,
        0 as revenue_rows,
        0 as profit,
        0 as profit_rows,
        0 as margin_rows
    from performance
    where model is null and other_costs <> 0

    union all

    select
        case conversion_type when 'order' then 'shop_orders' else 'crm_opportunities' end
            as raw_table,
        activity_date,
        channel,
        campaign,
        0 as spend,
        0 as spend_rows,
        0 as cost_amount,
        0 as cost_rows,
        case when {{ is_in_all('conversion_type') }} then attributed_revenue else 0 end as revenue,
        case when {{ is_in_all('conversion_type') }} then 1 else 0 end as revenue_rows,
        case when conversion_type = 'order' then attributed_margin else 0 end as profit,
        case when conversion_type = 'order' then 1 else 0 end as profit_rows,
        0 as margin_rows
    from credited
    where is_advertised

    union all

    -- Whether a margin is known: of an order that advertising earned or, where visits show that it
    -- earned none, of any.
    select
        'shop_orders' as raw_table,
        min(credited.activity_date) as activity_date,
        credited.channel,
        credited.campaign,
        0 as spend,
        0 as spend_rows,
        0 as cost_amount,
        0 as cost_rows,
        0 as revenue,
        0 as revenue_rows,
        0 as profit,
        0 as profit_rows,
        1 as margin_rows
    from credited
    cross join visited
    cross join advertised
    where
        credited.conversion_type = 'order'
        and credited.attributed_margin <> 0
        and (credited.is_advertised or (visited.has_visits and not advertised.has_orders))
    group by credited.channel, credited.campaign
),

summed as (
    {{ sums_by_dimension('facts', ['raw_table', 'activity_date'], dimensions, measures) }}
),

daily as (
    {{ daily_components('summed', {
        'spend': ['spend', 'spend_rows'],
        'marketing_cost': ['cost_amount', 'cost_rows'],
        'attributed_revenue': ['revenue', 'revenue_rows'],
        'attributed_profit': ['profit', 'profit_rows'],
    }, 'raw_table', once={'attributed_profit': 'margin_rows'}) }}
)

select * from daily
