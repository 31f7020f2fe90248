with opportunities as (
    select
        *,
        {{ integer_key(['source_name', 'customer_id']) }} as customer_reference_key
    from {{ ref('stg_crm__opportunities') }}
),

won_stages as (
    select distinct
        source_name,
        stage
    from {{ ref('stg_crm__stages') }}
    where is_won
),

customer_references as (
    select
        customer_reference_key,
        customer_key
    from {{ ref('int_identity__customer_references') }}
),

leads as (
    select
        lead_key,
        person_key,
        customer_key
    from {{ ref('int_identity__leads') }}
),

rates as (
    select
        currency,
        rate_date,
        rate
    from {{ ref('int_core__exchange_rates') }}
),

-- The source's own verdict wins; where it gives none, the stage decides.
closed as (
    select
        opportunities.*,
        coalesce(opportunities.is_won, won_stages.stage is not null, false) as is_deal_won,
        {{ business_date('coalesce(opportunities.closed_at, opportunities.created_at)') }}
            as value_date
    from opportunities
    left join won_stages
        on
            opportunities.source_name = won_stages.source_name
            and opportunities.stage = won_stages.stage
),

valued as (
    select
        closed.opportunity_key,
        closed.source_name,
        closed.opportunity_id,
        closed.lead_key,
        coalesce(customer_references.customer_key, leads.customer_key) as customer_key,
        coalesce(customer_references.customer_key, leads.person_key) as person_key,
        closed.created_at,
        closed.closed_at,
        closed.stage,
        closed.is_deal_won and closed.closed_at is not null as is_won,
        {{ in_reporting_currency('closed.amount', 'rates.rate') }} as amount
    from closed
    left join customer_references
        on closed.customer_reference_key = customer_references.customer_reference_key
    left join leads on closed.lead_key = leads.lead_key
    left join rates
        on
            coalesce(closed.currency, '{{ var("reporting_currency") }}') = rates.currency
            and closed.value_date = rates.rate_date
)

select * from valued
