{%- set resets = var('attribution_reset') -%}
with orders as (
    select
        order_key as conversion_key,
        source_name,
        order_id as conversion_id,
        'order' as conversion_type,
        visitor_key,
        person_key,
        is_consent_denied,
        ordered_at as converted_at,
        order_date as converted_date,
        is_first_order as is_new_customer,
        net_revenue as revenue,
        margin
    from {{ ref('int_core__orders_valued') }}
    where is_revenue
),

sessions as (
    select
        session_key,
        visitor_key,
        started_at,
        ended_at
    from {{ ref('int_sessions__sessions_combined') }}
),

-- The visits in which an order may have been placed: the one that it names, and those of its
-- browser that were under way.
order_sessions as (
    select
        conversion_key,
        max(case when is_named then started_at end) as named_started_at,
        max(case when not is_named then started_at end) as timed_started_at
    from (
        select
            named.order_key as conversion_key,
            sessions.started_at,
            true as is_named
        from {{ ref('int_sessions__order_sessions') }} as named
        inner join sessions on named.session_key = sessions.session_key

        union all

        select
            orders.conversion_key,
            sessions.started_at,
            false as is_named
        from orders
        inner join sessions
            on
                orders.visitor_key = sessions.visitor_key
                and orders.converted_at >= sessions.started_at
                and orders.converted_at
                <= sessions.ended_at + interval '{{ var("session_timeout_minutes") }}' minute
    ) as candidates
    group by conversion_key
),

deals_won as (
    select
        opportunity_key,
        won_at,
        reversed_at
    from {{ ref('int_attribution__deals_won') }}
),

lead_instants as (
    select
        lead_key,
        created_at
    from {{ ref('stg_crm__leads') }}
),

conversions as (
    select
        orders.conversion_key,
        orders.source_name,
        orders.conversion_id,
        orders.conversion_type,
        orders.person_key,
        orders.is_consent_denied,
        orders.converted_at,
        orders.converted_date,
        -- The order knows better than the clock, unless its visit began after it.
        case
            when order_sessions.named_started_at <= orders.converted_at
                then order_sessions.named_started_at
            else order_sessions.timed_started_at
        end as session_started_at,
        cast(null as timestamp) as lead_created_at,
        cast(null as timestamp) as opportunity_created_at,
        cast(null as timestamp) as reversed_at,
        cast(null as date) as reversed_date,
        orders.is_new_customer,
        orders.revenue,
        orders.margin
    from orders
    left join order_sessions on orders.conversion_key = order_sessions.conversion_key

    union all

    -- What a deal costs to deliver is not in the contract: its margin is unknown. A source may give
    -- a deal and an order the same id: the deal as a conversion has a key of its own. One that was
    -- lost after it was won stays credited as it was, at the rate of that day.
    select
        {{ integer_key(["'opportunity'", 'opportunities.opportunity_key']) }} as conversion_key,
        opportunities.source_name,
        opportunities.opportunity_id as conversion_id,
        'opportunity' as conversion_type,
        opportunities.person_key,
        false as is_consent_denied,
        deals_won.won_at as converted_at,
        {{ counted_date(business_date('deals_won.won_at')) }} as converted_date,
        cast(null as timestamp) as session_started_at,
        lead_instants.created_at as lead_created_at,
        opportunities.created_at as opportunity_created_at,
        deals_won.reversed_at,
        {{ counted_date(business_date('deals_won.reversed_at')) }} as reversed_date,
        false as is_new_customer,
        coalesce(
            case
                when deals_won.reversed_at is null then opportunities.amount
                else {{ in_reporting_currency('opportunities.stated_amount', 'rates.rate') }}
            end,
            0
        ) as revenue,
        cast(null as decimal(18, 4)) as margin
    from {{ ref('int_core__opportunities_valued') }} as opportunities
    inner join deals_won on opportunities.opportunity_key = deals_won.opportunity_key
    left join lead_instants on opportunities.lead_key = lead_instants.lead_key
    left join {{ ref('int_core__exchange_rates') }} as rates
        on
            coalesce(opportunities.currency, '{{ var("reporting_currency") }}') = rates.currency
            and {{ counted_date(business_date('deals_won.won_at')) }} = rates.rate_date
),

-- Conversions of one instant share what led to them: none resets the other's look-back.
instants as (
    select distinct
        person_key,
        {{ "conversion_type" if resets == 'same_type' else "'any'" }} as reset_by,
        converted_at
    from conversions
    where person_key is not null and {{ (resets != 'never') | lower }}
),

resets as (
    select
        person_key,
        reset_by,
        converted_at,
        lag(converted_at) over (
            partition by person_key, reset_by order by converted_at nulls last
        ) as previous_converted_at
    from instants
),

bounded as (
    select
        conversions.*,
        cast({{ dbt.date_trunc('month', 'conversions.converted_at') }} as date) as converted_month,
        conversions.converted_at - {{ day_interval(var('attribution_lookback_days')) }}
            as touches_from,
        resets.previous_converted_at as touches_after,
        {% if var('attribution_counts_later_touches') -%}
            conversions.converted_at as touches_through
        {%- else -%}
            coalesce(conversions.session_started_at, conversions.converted_at) as touches_through
        {%- endif %}
    from conversions
    left join resets
        on
            conversions.person_key = resets.person_key
            and conversions.converted_at = resets.converted_at
            and {{ "conversions.conversion_type" if resets == 'same_type' else "'any'" }}
            = resets.reset_by
)

select * from bounded
