-- Everything that figures of channels and campaigns are made of, by day: what no model touches
-- (visits, leads, costs) with a null model, what a model credits with the model's name. Spend is
-- known by campaign and is never divided further.
{%- set types = dict(activity_measures(), **credit_measures()) %}
{%- set given = {
    'sessions': ['sessions'],
    'leads': ['leads'],
    'mqls': ['mqls'],
    'spend': [
        'impressions', 'clicks', 'spend', 'spend_with_clicks', 'spend_with_impressions',
        'clicks_with_impressions', 'impressions_with_clicks', 'platform_conversions',
        'platform_revenue', 'claiming_rows', 'rows_without_claims',
    ],
    'answers': ['other_costs'],
    'credits': credit_measures().keys(),
} %}
with traffic_sources as (
    select
        traffic_source_key,
        channel,
        campaign
    from {{ ref('int_attribution__traffic_sources') }}
),

lead_sources as (
    select
        leads.created_date,
        {{ counted_date(business_date('progress.qualified_at')) }} as mql_date,
        traffic_sources.channel,
        traffic_sources.campaign
    from {{ ref('int_core__leads_sourced') }} as leads
    inner join traffic_sources on leads.traffic_source_key = traffic_sources.traffic_source_key
    left join {{ ref('int_funnel__leads_progressed') }} as progress
        on leads.lead_key = progress.lead_key
),

sessions as (
    select
        sessions.session_date as activity_date,
        traffic_sources.channel,
        traffic_sources.campaign,
        count(*) as sessions
    from {{ ref('int_sessions__sessions_counted') }} as sessions
    inner join traffic_sources
        on sessions.traffic_source_key = traffic_sources.traffic_source_key
    group by
        sessions.session_date,
        traffic_sources.channel,
        traffic_sources.campaign
),

leads as (
    select
        created_date as activity_date,
        channel,
        campaign,
        count(*) as leads
    from lead_sources
    group by created_date, channel, campaign
),

mqls as (
    select
        mql_date as activity_date,
        channel,
        campaign,
        count(*) as mqls
    from lead_sources
    where mql_date is not null
    group by mql_date, channel, campaign
),

spend as (
    select
        spend.counted_date as activity_date,
        traffic_sources.channel,
        traffic_sources.campaign,
        sum(spend.impressions) as impressions,
        sum(spend.clicks) as clicks,
        sum(spend.spend) as spend,
        sum(case when spend.are_clicks_told then spend.spend end) as spend_with_clicks,
        sum(case when spend.are_impressions_told then spend.spend end) as spend_with_impressions,
        sum(case when spend.are_impressions_told then spend.clicks end) as clicks_with_impressions,
        sum(case when spend.are_clicks_told then spend.impressions end) as impressions_with_clicks,
        sum(case when spend.are_conversions_told then 1 else 0 end) as claiming_rows,
        sum(case when spend.spend > 0 and not spend.are_conversions_told then 1 else 0 end)
            as rows_without_claims,
        sum(spend.platform_conversions) as platform_conversions,
        sum(spend.platform_revenue) as platform_revenue
    from {{ ref('int_core__ad_spend_valued') }} as spend
    inner join traffic_sources on spend.traffic_source_key = traffic_sources.traffic_source_key
    group by spend.counted_date, traffic_sources.channel, traffic_sources.campaign
),

answers as (
    select
        {{ counted_date(business_date('touches.touched_at')) }} as activity_date,
        traffic_sources.channel,
        traffic_sources.campaign,
        sum(touches.cost) as other_costs
    from {{ ref('int_attribution__campaign_touches') }} as touches
    inner join traffic_sources on touches.traffic_source_key = traffic_sources.traffic_source_key
    where touches.cost is not null
    group by
        {{ counted_date(business_date('touches.touched_at')) }},
        traffic_sources.channel,
        traffic_sources.campaign
),

credits as (
    select
        credits.activity_date,
        coalesce(traffic_sources.channel, credits.pathless_channel) as channel,
        coalesce(traffic_sources.campaign, '(not set)') as campaign,
        credits.model,
        credits.conversion_type,
        credits.credit as conversions,
        case when credits.is_new_customer then credits.credit else 0 end as new_customers,
        case when credits.is_reversal then 0 else credits.attributed_revenue end
            as attributed_revenue,
        credits.attributed_margin,
        case when credits.is_margin_unknown then credits.credit else 0 end as unknown_margins,
        case when credits.is_reversal then credits.attributed_revenue else 0 end as refunded
    from {{ ref('int_attribution__credits_daily') }} as credits
    left join traffic_sources
        on credits.traffic_source_key = traffic_sources.traffic_source_key
),

combined as (
    {% for input, measures in given.items() -%}
        select
            activity_date,
            channel,
            campaign,
            {% if input == 'credits' -%}
                model,
                conversion_type
            {%- else -%}
                cast(null as {{ dbt.type_string() }}) as model,
                cast(null as {{ dbt.type_string() }}) as conversion_type
            {%- endif %}
            {%- for measure, type in types.items() %}
                ,
                cast(
                    {{ 'coalesce(' ~ measure ~ ', 0)' if measure in measures else '0' }}
                    as {{ type }}
                ) as {{ measure }}
            {%- endfor %}
        from {{ input }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

totals as (
    select
        activity_date,
        channel,
        campaign,
        model,
        conversion_type
        {%- for measure, type in types.items() %}
            ,
            cast(sum({{ measure }}) as {{ type }}) as {{ measure }}
        {%- endfor %}
    from combined
    group by activity_date, channel, campaign, model, conversion_type
)

select * from totals
