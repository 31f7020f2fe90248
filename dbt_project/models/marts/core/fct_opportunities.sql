with opportunities as (
    select
        *,
        coalesce(closed_date, {{ as_of_date() }}) as owned_on
    from {{ ref('int_core__opportunities_valued') }}
),

reps as (
    select
        rep_key,
        team,
        region,
        valid_from,
        valid_until
    from {{ ref('int_core__sales_reps') }}
),

described as (
    select
        opportunities.opportunity_key,
        opportunities.source_name,
        opportunities.opportunity_id,
        opportunities.lead_key,
        opportunities.lead_id,
        opportunities.person_key,
        opportunities.customer_key,
        opportunities.customer_id,
        opportunities.account_name,
        coalesce(opportunities.segment, '(unknown)') as segment,
        coalesce(opportunities.product, '(unknown)') as product,
        opportunities.owner_rep_key,
        opportunities.owner_rep_id,
        coalesce(creators.team, '(unknown)') as team_at_creation,
        coalesce(owners.team, '(unknown)') as team,
        coalesce(owners.region, '(unknown)') as region,
        opportunities.created_at,
        opportunities.created_date,
        opportunities.stage,
        opportunities.is_closed,
        opportunities.is_won,
        opportunities.closed_at,
        opportunities.closed_date,
        opportunities.expected_close_on,
        opportunities.cycle_days,
        opportunities.lost_reason,
        opportunities.competitor,
        opportunities.currency,
        opportunities.exchange_rate,
        opportunities.is_rate_extrapolated,
        opportunities.stated_amount,
        opportunities.amount,
        opportunities.updated_at
    from opportunities
    left join reps as creators
        on {{ rep_as_of('creators', 'opportunities.owner_rep_key', 'opportunities.created_date') }}
    left join reps as owners
        on {{ rep_as_of('owners', 'opportunities.owner_rep_key', 'opportunities.owned_on') }}
)

select * from described
