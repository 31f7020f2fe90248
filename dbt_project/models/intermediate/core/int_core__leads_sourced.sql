with leads as (
    select * from {{ ref('stg_crm__leads') }}
),

people as (
    select lead_key, person_key, customer_key from {{ ref('int_identity__leads') }}
),

sessions as (
    select visitor_key, session_key, started_at, source, medium, campaign, click_id_type
    from {{ ref('int_sessions__sessions_combined') }}
    where visitor_key is not null
),

opportunities as (
    select lead_key, opportunity_key, closed_at, is_won
    from {{ ref('int_core__opportunities_valued') }}
),

orders as (
    select customer_key, ordered_at
    from {{ ref('int_core__orders_valued') }}
    where is_revenue and customer_key is not null
),

-- The visit in which, or after which, an untagged lead came in.
lead_sessions as (
    select
        leads.lead_key,
        sessions.source,
        sessions.medium,
        sessions.campaign,
        sessions.click_id_type
    from leads
    inner join sessions
        on leads.visitor_key = sessions.visitor_key and leads.created_at >= sessions.started_at
    where leads.utm_source is null and leads.utm_medium is null
    qualify
        row_number() over (
            partition by leads.lead_key
            order by sessions.started_at desc nulls last, sessions.session_key
        ) = 1
),

won as (
    select
        lead_key,
        min(closed_at) as won_at
    from opportunities
    where is_won and lead_key is not null
    group by lead_key
),

first_orders as (
    select
        leads.lead_key,
        min(orders.ordered_at) as ordered_at
    from leads
    inner join people on leads.lead_key = people.lead_key
    inner join orders on people.customer_key = orders.customer_key
    where orders.ordered_at >= leads.created_at
    group by leads.lead_key
),

tagged as (
    select
        lead_key,
        {{ traffic_source('utm_source', 'utm_medium', 'utm_campaign', 'null', 'null') }}
    from leads
    where utm_source is not null or utm_medium is not null
),

sourced as (
    select
        leads.lead_key,
        leads.source_name,
        leads.lead_id,
        people.person_key,
        people.customer_key,
        leads.created_at,
        {{ business_date('leads.created_at') }} as created_date,
        leads.company,
        leads.country,
        leads.lead_source,
        leads.self_reported_source,
        leads.owner_rep_id,
        leads.owner_rep_key,
        leads.status,
        leads.score,
        leads.budget_ok,
        leads.authority_ok,
        leads.need_ok,
        leads.timeline_ok,
        leads.mql_at,
        leads.sql_at,
        leads.converted_at,
        leads.opportunity_id,
        leads.disqualified_at,
        leads.disqualified_reason,
        case
            when won.won_at is null or first_orders.ordered_at < won.won_at
                then first_orders.ordered_at
            else won.won_at
        end as customer_since,
        coalesce(tagged.source, lead_sessions.source, '(not set)') as source,
        coalesce(tagged.medium, lead_sessions.medium, '(not set)') as medium,
        coalesce(tagged.campaign, lead_sessions.campaign, '(not set)') as campaign,
        coalesce(tagged.click_id_type, lead_sessions.click_id_type, '(none)') as click_id_type
    from leads
    inner join people on leads.lead_key = people.lead_key
    left join tagged on leads.lead_key = tagged.lead_key
    left join lead_sessions on leads.lead_key = lead_sessions.lead_key
    left join won on leads.lead_key = won.lead_key
    left join first_orders on leads.lead_key = first_orders.lead_key
),

keyed as (
    select
        *,
        {{ traffic_source_key() }} as traffic_source_key,
        coalesce(
            {{ seconds_between('created_at', 'customer_since') }}
            <= {{ var('lead_conversion_window_days') }} * 86400,
            false
        ) as is_converted
    from sourced
)

select * from keyed
