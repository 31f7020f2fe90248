-- A deal whose closing day is still to come is open until then.
with opportunities as (
    select
        *,
        {{ integer_key(['source_name', 'customer_id']) }} as customer_reference_key
    from {{ ref('stg_crm__opportunities') }}
),

closings as (
    select
        opportunity_key,
        is_won,
        closed_at,
        {{ business_date('closed_at') }} as closed_date
    from {{ ref('int_core__opportunity_closings') }}
    where closed_at <= {{ as_of() }}
),

customer_references as (
    select
        customer_reference_key,
        customer_key
    from {{ ref('int_identity__customer_references') }}
),

customers as (
    select
        customer_key,
        person_key
    from {{ ref('int_identity__customers') }}
),

rep_references as (
    select
        rep_reference_key,
        rep_key
    from {{ ref('int_core__rep_references') }}
),

opportunity_leads as (
    select
        opportunity_key,
        lead_key,
        lead_id
    from {{ ref('int_identity__opportunities') }}
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
        rate,
        is_extrapolated
    from {{ ref('int_core__exchange_rates') }}
),

dated as (
    select
        opportunities.*,
        {{ business_date('opportunities.created_at') }} as created_date,
        coalesce(closings.is_won, false) as is_deal_won,
        closings.closed_at as deal_closed_at,
        closings.closed_date
    from opportunities
    left join closings on opportunities.opportunity_key = closings.opportunity_key
),

valued as (
    select
        dated.opportunity_key,
        dated.source_name,
        dated.opportunity_id,
        opportunity_leads.lead_key,
        opportunity_leads.lead_id,
        coalesce(customer_references.customer_key, leads.customer_key) as customer_key,
        dated.customer_id,
        coalesce(customers.person_key, leads.person_key) as person_key,
        dated.account_name,
        dated.segment,
        dated.product,
        coalesce(rep_references.rep_key, dated.owner_rep_key) as owner_rep_key,
        dated.owner_rep_id,
        dated.created_at,
        dated.created_date,
        dated.stage,
        dated.deal_closed_at is not null as is_closed,
        dated.is_deal_won as is_won,
        dated.deal_closed_at as closed_at,
        dated.closed_date,
        cast(
            {{ seconds_between('dated.created_at', 'dated.deal_closed_at') }} / 86400 as double
        ) as cycle_days,
        dated.expected_close_on,
        dated.lost_reason,
        dated.competitor,
        dated.updated_at,
        dated.currency,
        rates.rate as exchange_rate,
        coalesce(rates.is_extrapolated, true) as is_rate_extrapolated,
        dated.amount as stated_amount,
        {{ in_reporting_currency('dated.amount', 'rates.rate') }} as amount
    from dated
    left join customer_references
        on dated.customer_reference_key = customer_references.customer_reference_key
    left join customers on customer_references.customer_key = customers.customer_key
    left join rep_references on dated.owner_rep_key = rep_references.rep_reference_key
    inner join opportunity_leads on dated.opportunity_key = opportunity_leads.opportunity_key
    left join leads on opportunity_leads.lead_key = leads.lead_key
    left join rates
        on
            coalesce(dated.currency, '{{ var("reporting_currency") }}') = rates.currency
            and least(coalesce(dated.closed_date, dated.created_date), {{ as_of_date() }})
            = rates.rate_date
)

select * from valued
