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
        case
            when opportunities.is_closed
                then cast(
                    {{ seconds_between('opportunities.created_at', 'opportunities.closed_at') }}
                    / 86400 as double
                )
        end as cycle_days,
        opportunities.lost_reason,
        opportunities.competitor,
        opportunities.currency,
        opportunities.exchange_rate,
        opportunities.is_rate_extrapolated,
        opportunities.amount
    from opportunities
    left join reps as creators
        on
            opportunities.owner_rep_key = creators.rep_key
            and opportunities.created_date between creators.valid_from and creators.valid_until
    left join reps as owners
        on
            opportunities.owner_rep_key = owners.rep_key
            and opportunities.owned_on between owners.valid_from and owners.valid_until
)

select * from described
