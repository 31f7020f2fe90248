-- Deals by the day they closed, in the team that their owner was in then. A deal without an amount
-- is won, but has no size.
{%- set dimensions = ['country', 'segment', 'channel', 'campaign', 'team', 'rep'] %}
{%- set measures = ['closed_deals', 'won_deals', 'won_amount', 'valued_deals', 'cycle_days'] %}
{%- set counted = "'" ~ quota_measures() | join("', '") ~ "'" %}
with deals as (
    select
        opportunity_key,
        lead_key,
        customer_key,
        segment,
        owner_rep_key,
        closed_date,
        is_won,
        amount,
        {{ four_decimals('cycle_days') }} as cycle_days
    from {{ ref('int_core__opportunities_valued') }}
    where is_closed
),

leads as (
    select
        leads.lead_key,
        leads.country,
        traffic_sources.channel,
        traffic_sources.campaign
    from {{ ref('int_core__leads_sourced') }} as leads
    inner join {{ ref('int_attribution__traffic_sources') }} as traffic_sources
        on leads.traffic_source_key = traffic_sources.traffic_source_key
),

customers as (
    select
        customer_key,
        country,
        segment
    from {{ ref('int_core__customers') }}
),

placed as (
    select
        deals.closed_date as activity_date,
        {{ segment_of('coalesce(customers.country, leads.country)') }} as country,
        {{ segment_of('coalesce(deals.segment, customers.segment)') }} as segment,
        {{ segment_of('leads.channel') }} as channel,
        {{ segment_of('leads.campaign') }} as campaign,
        {{ segment_of('teams.team') }} as team,
        {{ segment_of('reps.rep') }} as rep,
        1 as closed_deals,
        case when deals.is_won then 1 else 0 end as won_deals,
        case when deals.is_won then deals.amount end as won_amount,
        case when deals.is_won and deals.amount is not null then 1 else 0 end as valued_deals,
        case when deals.is_won then deals.cycle_days end as cycle_days
    from deals
    left join leads on deals.lead_key = leads.lead_key
    left join customers on deals.customer_key = customers.customer_key
    left join {{ ref('int_core__sales_reps') }} as teams
        on {{ rep_as_of('teams', 'deals.owner_rep_key', 'deals.closed_date') }}
    left join {{ ref('int_sales__reps') }} as reps on deals.owner_rep_key = reps.rep_key
),

summed as (
    {{ sums_by_dimension('placed', ['activity_date'], dimensions, measures) }}
),

-- What a quota is held against, as the performance of reps counts it.
rep_days as (
    select
        date_day,
        rep_key,
        team,
        case measure when 'won_value' then 'crm_opportunities' else 'shop_orders' end as raw_table,
        {% for measure in quota_measures() %}
            sum(case when measure = '{{ measure }}' then amount else 0 end) as {{ measure }},
        {% endfor %}
        1 as rep_days
    from {{ ref('int_sales__rep_measures_daily') }}
    where measure in ({{ counted }})
    group by
        date_day,
        rep_key,
        team,
        case measure when 'won_value' then 'crm_opportunities' else 'shop_orders' end
),

attained as (
    select
        rep_days.raw_table,
        rep_days.date_day as activity_date,
        rep_days.team,
        {{ segment_of('reps.rep') }} as rep,
        {{ rep_attained('rep_days') }} as attained,
        rep_days.rep_days
    from rep_days
    left join {{ ref('int_sales__reps') }} as reps on rep_days.rep_key = reps.rep_key
),

attained_summed as (
    {{ sums_by_dimension(
        'attained', ['raw_table', 'activity_date'], ['team', 'rep'], ['attained', 'rep_days']
    ) }}
),

daily as (
    {{ daily_components('summed', {
        'closed_deals': ['closed_deals', 'closed_deals'],
        'won_deals': ['won_deals', 'won_deals', 'closed_deals'],
        'won_amount': ['won_amount', 'valued_deals'],
        'valued_deals': ['valued_deals', 'valued_deals'],
        'cycle_days': ['cycle_days', 'won_deals'],
    }, "'crm_opportunities'", once={'won_deals': 'won_deals'}) }}

    union all

    {{ daily_components(
        'attained_summed', {'quota_attained': ['attained', 'rep_days']}, 'raw_table'
    ) }}
)

select * from daily
