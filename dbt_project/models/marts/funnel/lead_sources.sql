-- Costs are given where they are known: what the advertising platforms tell by campaign, and what
-- campaigns of the CRM cost per answer. A campaign without either has no cost per lead, and is no
-- free one either. Per lead, MQL and customer stands the spend, and all known costs (total_).
{% set counts = [
    'is_mql', 'is_sql', 'is_bant', 'is_opportunity', 'is_won', 'is_customer', 'unvalued_deals',
    'is_answered', 'is_comparable', 'is_agreed',
] %}
with leads as (
    select * from {{ ref('int_funnel__leads_progressed') }}
),

said as (
    select
        leads.created_date,
        answers.said_channel as channel,
        count(*) as said_leads
    from {{ ref('int_funnel__lead_answers') }} as answers
    inner join leads on answers.lead_key = leads.lead_key
    where answers.said_channel is not null
    group by leads.created_date, answers.said_channel
),

-- A platform that tells of views and charges nothing is known to be free on that day.
costs as (
    select
        activity_date as date_day,
        channel,
        campaign,
        case when spend <> 0 or impressions > 0 or clicks > 0 then spend end as spend,
        nullif(other_costs, 0) as other_costs
    from {{ ref('int_attribution__performance_daily') }}
    where
        model is null
        and (spend <> 0 or impressions > 0 or clicks > 0 or other_costs <> 0)
),

{% set levels = [
    ('overall', "'all'", "'all'"),
    ('channel', 'channel', "'all'"),
    ('campaign', 'channel', 'campaign'),
] %}
combined as (
    {% for level, channel, campaign in levels %}
        select
            '{{ level }}' as level,
            {{ channel }} as channel,
            {{ campaign }} as campaign,
            created_date as date_day,
            1 as leads,
            {% for count in counts %}
                {{ count }},
            {% endfor %}
            {{ 'is_mapped' if level == 'overall' else '0' }} as said_leads,
            days_to_win,
            revenue,
            cast(null as decimal(18, 4)) as spend,
            cast(null as decimal(18, 4)) as other_costs
        from leads

        union all

        select
            '{{ level }}' as level,
            {{ channel }} as channel,
            {{ campaign }} as campaign,
            date_day,
            0 as leads,
            {% for count in counts %}
                0 as {{ count }},
            {% endfor %}
            0 as said_leads,
            cast(null as double) as days_to_win,
            cast(0 as decimal(18, 4)) as revenue,
            spend,
            other_costs
        from costs

        union all
    {% endfor %}

    select
        'channel' as level,
        channel,
        'all' as campaign,
        created_date as date_day,
        0 as leads,
        {% for count in counts %}
            0 as {{ count }},
        {% endfor %}
        cast(said_leads as int) as said_leads,
        cast(null as double) as days_to_win,
        cast(0 as decimal(18, 4)) as revenue,
        cast(null as decimal(18, 4)) as spend,
        cast(null as decimal(18, 4)) as other_costs
    from said
),

counted as (
    select
        period_days.period_grain,
        period_days.period_start,
        combined.level,
        combined.channel,
        combined.campaign,
        cast(sum(combined.leads) as bigint) as leads,
        {% for count in counts %}
            cast(sum(combined.{{ count }}) as bigint) as {{ count }},
        {% endfor %}
        cast(sum(combined.said_leads) as bigint) as said_leads,
        percentile_cont(0.5) within group (order by combined.days_to_win) as median_days_to_win,
        cast(sum(combined.revenue) as decimal(18, 4)) as revenue,
        cast(sum(combined.spend) as decimal(18, 4)) as spend,
        cast(sum(combined.other_costs) as decimal(18, 4)) as other_costs
    from combined
    inner join {{ ref('int_core__period_days') }} as period_days
        on combined.date_day = period_days.date_day
    group by
        period_days.period_grain,
        period_days.period_start,
        combined.level,
        combined.channel,
        combined.campaign
),

-- The days that the leads which are known span, and the day from which ads that are billed every
-- day are not known: what has not come yet makes a cost per lead too low.
extents as (
    {{ extents_of('leads') }}
),

outcomes as (
    {{ extents_of('converted_leads') }}
),

silent as (
    {{ silent_from(['ads_spend']) }}
),

aged as (
    select
        counted.period_grain,
        counted.period_start,
        counted.level,
        counted.channel,
        counted.campaign,
        counted.leads,
        {% for count in counts %}
            counted.{{ count }},
        {% endfor %}
        counted.said_leads,
        counted.median_days_to_win,
        counted.revenue,
        counted.spend,
        counted.other_costs,
        case
            when counted.spend is not null or counted.other_costs is not null
                then
                    cast(
                        coalesce(counted.spend, 0) + coalesce(counted.other_costs, 0)
                        as decimal(18, 4)
                    )
        end as total_costs,
        periods.is_complete
        and {{ is_whole('extents') }}
        and coalesce(periods.period_end <= silent.silent_from, true) as is_complete,
        {{ dbt.datediff('periods.period_end', told_until('outcomes'), 'day') }}
        >= {{ var('lead_conversion_window_days') }} as is_mature
    from counted
    inner join {{ ref('int_core__periods') }} as periods
        on
            counted.period_grain = periods.period_grain
            and counted.period_start = periods.period_start
    cross join extents
    cross join outcomes
    cross join silent
),

rated as (
    select
        period_grain,
        period_start,
        is_complete,
        is_mature,
        level,
        channel,
        campaign,
        leads,
        is_mql as mql,
        is_sql as sql,
        is_bant as bant_qualified,
        is_opportunity as opportunities,
        is_won as won,
        is_customer as customers,
        case when is_mature then {{ outcome_rate('is_mql', 'leads') }} end as mql_rate,
        case when is_mature then {{ outcome_rate('is_sql', 'leads') }} end as sql_rate,
        {{ outcome_rate('is_bant', 'leads') }} as bant_rate,
        case when is_mature then {{ outcome_rate('is_opportunity', 'leads') }} end
            as opportunity_rate,
        case when is_mature then {{ outcome_rate('is_won', 'leads') }} end as win_rate,
        cast(median_days_to_win as double) as median_days_to_win,
        revenue,
        unvalued_deals,
        spend,
        other_costs,
        total_costs,
        {{ ratio('spend', 'leads') }} as cost_per_lead,
        {{ ratio('spend', 'is_mql') }} as cost_per_mql,
        case when is_mature then {{ ratio('spend', 'is_customer') }} end as cost_per_customer,
        {{ ratio('total_costs', 'leads') }} as total_cost_per_lead,
        {{ ratio('total_costs', 'is_mql') }} as total_cost_per_mql,
        case when is_mature then {{ ratio('total_costs', 'is_customer') }} end
            as total_cost_per_customer,
        is_answered as answered,
        said_leads,
        is_comparable as comparable,
        is_agreed as agreed,
        {{ ratio('is_agreed', 'is_comparable') }} as agreement_rate
    from aged
)

select * from rated
