with opportunities as (
    select
        *,
        {{ integer_key(['source_name', 'customer_id']) }} as customer_reference_key
    from {{ ref('stg_crm__opportunities') }}
),

stages as (
    select
        opportunity_key,
        stage,
        is_closed,
        is_won,
        is_open,
        last_entered_at
    from {{ ref('int_core__opportunity_stages') }}
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

-- The source's own verdict wins; where it gives none, the stage decides. A deal without an instant
-- of closing was closed when it entered its closing stage. In an open stage the instant is the day
-- that somebody expects, unless the deal is won: that it is not is said of every open deal by a CRM
-- that keeps it as a plain flag.
closed as (
    select
        opportunities.*,
        coalesce(opportunities.is_won, stages.is_won, false) as is_deal_won,
        case
            when stages.is_open and not coalesce(opportunities.is_won, false) then null
            else coalesce(
                opportunities.closed_at, case when stages.is_closed then stages.last_entered_at end
            )
        end as deal_closed_at
    from opportunities
    left join stages
        on
            opportunities.opportunity_key = stages.opportunity_key
            and opportunities.stage = stages.stage
),

dated as (
    select
        *,
        {{ business_date('created_at') }} as created_date,
        {{ business_date('deal_closed_at') }} as closed_date
    from closed
),

valued as (
    select
        dated.opportunity_key,
        dated.source_name,
        dated.opportunity_id,
        opportunity_leads.lead_key,
        opportunity_leads.lead_id,
        coalesce(customer_references.customer_key, leads.customer_key) as customer_key,
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
        dated.is_deal_won and dated.deal_closed_at is not null as is_won,
        dated.deal_closed_at as closed_at,
        dated.closed_date,
        cast(
            {{ seconds_between('dated.created_at', 'dated.deal_closed_at') }} / 86400 as double
        ) as cycle_days,
        dated.expected_close_on,
        dated.lost_reason,
        dated.competitor,
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
