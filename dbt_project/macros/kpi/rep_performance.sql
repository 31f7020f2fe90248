{# The measures that a quota of revenue is held against, with their signs: revenue of orders less
   refunds, deals won, or both. #}
{% macro quota_measures() -%}
    {%- set signs = {} -%}
    {%- if 'orders' in var('rep_quota_counts') -%}
        {%- do signs.update({'revenue': '+', 'refunded': '-'}) -%}
    {%- endif -%}
    {%- if 'deals' in var('rep_quota_counts') -%}
        {%- do signs.update({'won_value': '+'}) -%}
    {%- endif -%}
    {{ return(signs) }}
{%- endmacro %}

{# What of a relation's columns counts towards a quota. #}
{% macro rep_attained(relation) -%}
    cast(
            0
            {%- for measure, sign in quota_measures().items() %}
                {{ sign }} {{ relation }}.{{ measure }}
            {%- endfor %} as decimal(28, 4)
        )
{%- endmacro %}

{# What of daily measures counts towards a quota, of the days that are over: the running one would
   be held against no working day. #}
{% macro rep_attained_elapsed(relation) -%}
    sum(
        case
            when {{ relation }}.date_day >= {{ as_of_date() }} then 0
            {%- for measure, sign in quota_measures().items() %}
                when {{ relation }}.measure = '{{ measure }}' then {{ sign }} {{ relation }}.amount
            {%- endfor %}
            else 0
        end
    )
{%- endmacro %}

{# A share of a quota; null, as the KPI quota_attainment is, in periods before anything counted
   towards one: sales may be unknown then. What was taken back tells of sales as well. `counted` is
   what does, where it is not the share's numerator. #}
{% macro quota_rate(attained, quota, counted=none) -%}
    case
        when
            max(abs({{ counted or attained }}))
                over (partition by period_grain order by period_start nulls last)
            > 0
            then {{ ratio(attained, quota) }}
    end
{%- endmacro %}

{# What was attained on the days over by now, against the share of the quota that the working days
   among them make up. #}
{% macro quota_pace(attained_elapsed, quota, working_days, working_days_elapsed) -%}
    {{ quota_rate(
        'cast(' ~ attained_elapsed ~ ' as double) * cast(' ~ working_days ~ ' as double)',
        'cast(' ~ quota ~ ' as double) * cast(' ~ working_days_elapsed ~ ' as double)',
        counted=attained_elapsed
    ) }}
{%- endmacro %}

{# The columns that reps and teams have alike, from sums of measures. #}
{% macro performance_columns(working_days) -%}
    cast({{ working_days }} as bigint) as working_days,
        cast(working_days_elapsed as bigint) as working_days_elapsed,
        cast(calls + emails + meetings + demos + other_activities as bigint) as activities,
        cast(calls as bigint) as calls,
        cast(emails as bigint) as emails,
        cast(meetings as bigint) as meetings,
        cast(demos as bigint) as demos,
        cast(other_activities as bigint) as other_activities,
        cast(leads as bigint) as leads,
        cast(leads_worked as bigint) as leads_worked,
        {{ ratio('leads_worked', 'leads') }} as leads_worked_rate,
        cast(median_response_hours as double) as median_response_hours,
        cast(median_response_business_hours as double) as median_response_business_hours,
        cast(opportunities as bigint) as opportunities,
        cast(pipeline_created as decimal(28, 4)) as pipeline_created,
        cast(won as bigint) as won,
        cast(lost as bigint) as lost,
        cast(won + lost as bigint) as closed,
        {{ outcome_rate('won', 'won + lost') }} as win_rate,
        cast(won_value as decimal(28, 4)) as won_value,
        {{ ratio('won_value', 'won') }} as value_per_deal,
        cast(won_cycle_days as decimal(28, 4)) as won_cycle_days,
        {{ ratio('won_cycle_days', 'won') }} as cycle_days,
        cast(revenue as decimal(28, 4)) as revenue,
        cast(refunded as decimal(28, 4)) as refunded
{%- endmacro %}
