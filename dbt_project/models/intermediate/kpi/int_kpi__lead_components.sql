-- Leads by the day they came in, with what became of them: known only when the conversion window of
-- the day's leads has closed.
{%- set dimensions = ['country', 'channel', 'campaign', 'team', 'rep'] %}
{%- set measures = ['leads', 'converted_leads', 'mql_leads', 'sql_leads'] %}
with leads as (
    select
        leads.created_date as activity_date,
        leads.country,
        leads.traffic_source_key,
        leads.owner_rep_key as rep_key,
        count(*) as leads,
        sum(case when leads.is_converted then 1 else 0 end) as converted_leads,
        sum(coalesce(progress.is_mql, 0)) as mql_leads,
        sum(coalesce(progress.is_sql, 0)) as sql_leads
    from {{ ref('int_core__leads_sourced') }} as leads
    left join {{ ref('int_funnel__leads_progressed') }} as progress
        on leads.lead_key = progress.lead_key
    group by
        leads.created_date, leads.country, leads.traffic_source_key, leads.owner_rep_key
),

placed as (
    select
        {% for measure in measures %}
            leads.{{ measure }},
        {% endfor %}
        leads.activity_date,
        {{ segment_of('leads.country') }} as country,
        {{ segment_of('traffic_sources.channel') }} as channel,
        {{ segment_of('traffic_sources.campaign') }} as campaign,
        {{ segment_of('teams.team') }} as team,
        {{ segment_of('reps.rep') }} as rep
    from leads
    inner join {{ ref('int_attribution__traffic_sources') }} as traffic_sources
        on leads.traffic_source_key = traffic_sources.traffic_source_key
    left join {{ ref('int_core__sales_reps') }} as teams
        on {{ rep_as_of('teams', 'leads.rep_key', 'leads.activity_date') }}
    left join {{ ref('int_sales__reps') }} as reps on leads.rep_key = reps.rep_key
),

summed as (
    {{ sums_by_dimension('placed', ['activity_date'], dimensions, measures) }}
),

daily as (
    {{ daily_components('summed', {'leads': ['leads', 'leads']}, "'crm_leads'") }}

    union all

    {{ daily_components('summed', {
        'converted_leads': ['converted_leads', 'leads'],
        'mql_leads': ['mql_leads', 'leads'],
        'sql_leads': ['sql_leads', 'leads'],
    }, "'crm_leads'", var('lead_conversion_window_days'), once={
        'converted_leads': 'converted_leads',
        'mql_leads': 'mql_leads',
        'sql_leads': 'sql_leads',
    }) }}
)

select * from daily
