-- What adds up in a period, by campaign and by channel. Apart from the figures made of it, which
-- read it four times.
{{ config(materialized=view_of_ctes()) }}
{%- set measures = activity_measures().keys() | list + credit_measures().keys() | list %}
with daily as (
    select * from {{ ref('int_attribution__performance_daily') }}
),

period_days as (
    select * from {{ ref('int_core__period_days') }}
),

campaign_totals as (
    select
        period_days.period_grain,
        period_days.period_start,
        'campaign' as report_level,
        daily.channel,
        daily.campaign,
        daily.model,
        daily.conversion_type
        {%- for measure in measures %}
            ,
            sum(daily.{{ measure }}) as {{ measure }}
        {%- endfor %}
    from daily
    inner join period_days on daily.activity_date = period_days.date_day
    group by
        period_days.period_grain,
        period_days.period_start,
        daily.channel,
        daily.campaign,
        daily.model,
        daily.conversion_type
),

totals as (
    select * from campaign_totals

    union all

    select
        period_grain,
        period_start,
        'channel' as report_level,
        channel,
        '(all)' as campaign,
        model,
        conversion_type
        {%- for measure in measures %}
            ,
            sum({{ measure }}) as {{ measure }}
        {%- endfor %}
    from campaign_totals
    group by period_grain, period_start, channel, model, conversion_type
)

select * from totals
