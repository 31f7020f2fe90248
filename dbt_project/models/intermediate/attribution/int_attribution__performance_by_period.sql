-- The figures of channels and of the campaigns in them, by period, beside each model and conversion
-- type. Visits, leads and costs belong to no model: they are the same beside each of them. Each of
-- the two who read it writes one level of the report.
{{ config(materialized=view_of_ctes()) }}
{%- set activity_types = activity_measures() %}
{%- set credit_types = dict(credit_measures(), deals_refunded='decimal(18, 4)') %}
{%- set has_return = 'spend > 0 and (are_conversions_known or conversions <> 0)' %}
with totals as (
    select
        *,
        case when conversion_type = 'opportunity' then refunded else 0 end as deals_refunded
    from {{ ref('int_attribution__period_totals') }}
),

periods as (
    select
        period_grain,
        period_start,
        period_end,
        silent_days,
        is_complete
    from {{ ref('int_core__periods') }}
),

extents as (
    select * from {{ ref('int_attribution__conversion_extents') }}
),

-- Costs that have not come yet make a period's returns too high, and visits its channels wrong.
waited_for as (
    {{ silent_from(['ads_spend', 'crm_leads']) }}

    union all

    select data_until as silent_from
    from {{ ref('int_kpi__component_extents') }}
    where component = 'sessions'
),

silent as (
    select min(silent_from) as silent_from from waited_for
),

conversion_types as (
    {% for type in conversion_types() -%}
        select
            '{{ type }}' as conversion_type,
            {{ (type in var('attribution_all_counts')) | lower }} as is_in_all
        union all
    {% endfor %}
    select
        'all' as conversion_type,
        true as is_in_all
),

models as (
    select model from {{ ref('int_attribution__models') }}
),

activity as (
    select * from totals
    where model is null
),

credited as (
    select
        period_grain,
        period_start,
        report_level,
        channel,
        campaign,
        model,
        conversion_type
        {%- for measure in credit_types %}
            ,
            {{ measure }}
        {%- endfor %}
    from totals
    where model is not null

    union all

    select
        period_grain,
        period_start,
        report_level,
        channel,
        campaign,
        model,
        'all' as conversion_type
        {%- for measure in credit_types %}
            ,
            sum({{ measure }}) as {{ measure }}
        {%- endfor %}
    from totals
    where model is not null and {{ is_in_all('conversion_type') }}
    group by period_grain, period_start, report_level, channel, campaign, model
),

observed as (
    select distinct
        period_grain,
        period_start,
        report_level,
        channel,
        campaign
    from totals
),

spine as (
    select
        observed.period_grain,
        observed.period_start,
        observed.report_level,
        observed.channel,
        observed.campaign,
        models.model,
        conversion_types.conversion_type,
        conversion_types.is_in_all
    from observed
    cross join models
    cross join conversion_types
),

joined as (
    select
        spine.period_grain,
        spine.period_start,
        spine.report_level,
        spine.channel,
        spine.campaign,
        spine.model,
        spine.conversion_type,
        spine.is_in_all,
        (
            periods.is_complete
            and {{ is_whole('extents') }}
            and coalesce(periods.period_end <= silent.silent_from, true)
        ) as is_complete,
        coalesce(
            {{ is_reached_by('extents') }}
            and not {{ is_needed_later('extents') }}
            and not {{ is_silent('extents') }},
            false
        ) as are_conversions_known
        {%- for measure, type in activity_types.items() %}
            ,
            cast(coalesce(activity.{{ measure }}, 0) as {{ type }}) as {{ measure }}
        {%- endfor %}
        {%- for measure, type in credit_types.items() %}
            ,
            cast(coalesce(credited.{{ measure }}, 0) as {{ type }}) as {{ measure }}
        {%- endfor %}
    from spine
    inner join periods
        on
            spine.period_grain = periods.period_grain
            and spine.period_start = periods.period_start
    cross join silent
    left join extents on spine.conversion_type = extents.conversion_type
    left join activity
        on
            spine.period_grain = activity.period_grain
            and spine.period_start = activity.period_start
            and spine.report_level = activity.report_level
            and spine.channel = activity.channel
            and spine.campaign = activity.campaign
    left join credited
        on
            spine.period_grain = credited.period_grain
            and spine.period_start = credited.period_start
            and spine.report_level = credited.report_level
            and spine.channel = credited.channel
            and spine.campaign = credited.campaign
            and spine.model = credited.model
            and spine.conversion_type = credited.conversion_type
    -- Of the many campaigns, a single type is listed only where it has something to say.
    where
        spine.report_level = 'channel'
        or spine.conversion_type = 'all'
        or credited.conversion_type is not null
),

-- A cost per something is unknown, not zero, where nothing was spent or there is no such thing; and
-- a return where nobody could know of one: before the first order, or without any.
rated as (
    select
        period_grain,
        period_start,
        report_level,
        channel,
        campaign,
        model,
        conversion_type,
        is_in_all,
        is_complete,
        sessions,
        impressions,
        clicks,
        spend,
        spend_with_clicks,
        spend_with_impressions,
        clicks_with_impressions,
        impressions_with_clicks,
        other_costs,
        cast(spend + other_costs as decimal(18, 4)) as total_costs,
        leads,
        mqls,
        conversions,
        new_customers,
        attributed_revenue,
        -- No conversion earns no margin; a conversion of unknown margin leaves it unknown.
        case when unknown_margins = 0 then attributed_margin end as attributed_margin,
        refunded,
        platform_conversions,
        platform_revenue,
        case when spend > 0 then {{ ratio('spend_with_clicks', 'clicks') }} end as cpc,
        case when spend > 0 then 1000 * {{ ratio('spend_with_impressions', 'impressions') }} end
            as cpm,
        {{ ratio('clicks_with_impressions', 'impressions_with_clicks') }} as ctr,
        case when spend > 0 then {{ ratio('spend', 'leads') }} end as cpl,
        case when spend > 0 then {{ ratio('spend', 'mqls') }} end as cost_per_mql,
        case when spend > 0 then {{ ratio('spend', 'new_customers') }} end as cac,
        case
            when spend + other_costs > 0
                then {{ ratio('spend + other_costs', 'new_customers') }}
        end as total_cac,
        case when {{ has_return }} then {{ ratio('attributed_revenue', 'spend') }} end as roas,
        case
            when {{ has_return }} and unknown_margins = 0
                then {{ ratio('attributed_margin - spend', 'spend') }}
        end as roi,
        -- What was refunded is taken off whole, as goods may not come back. A deal that was lost
        -- after all takes back a revenue whose margin nobody knew.
        case
            when {{ has_return }} and unknown_margins = 0 and deals_refunded = 0
                then {{ ratio('attributed_margin - refunded - spend', 'spend') }}
        end as roi_after_refunds,
        -- What some of the platforms claim is not what all of them would.
        case
            when claiming_rows > 0 and rows_without_claims = 0
                then {{ ratio('platform_conversions', 'conversions') }}
        end as platform_claim_ratio,
        conversions < {{ var('small_sample_conversions') }} as is_small_sample
    from joined
)

select * from rated
