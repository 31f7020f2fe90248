with visits as (
    select * from {{ ref('int_sales__stage_visits') }}
),

opportunities as (
    select * from {{ ref('int_core__opportunities_valued') }}
),

reps as (
    select
        rep_key,
        team,
        valid_from,
        valid_until
    from {{ ref('int_core__sales_reps') }}
),

described as (
    select
        visits.opportunity_key,
        opportunities.opportunity_id,
        opportunities.source_name,
        visits.visit_number,
        coalesce(visits.pipeline, '(unknown)') as pipeline,
        visits.stage,
        visits.position,
        visits.probability,
        visits.stage_visit_number,
        visits.is_closed_stage,
        visits.is_won_stage,
        coalesce(opportunities.owner_rep_id, '(unknown)') as owner_rep_id,
        coalesce(reps.team, '(unknown)') as team,
        coalesce(opportunities.segment, '(unknown)') as segment,
        opportunities.amount,
        visits.entered_at,
        visits.entered_date,
        visits.exited_at,
        visits.exited_date,
        visits.hours,
        visits.skipped_stages,
        visits.is_skip,
        visits.is_reopen,
        visits.is_backward,
        visits.outcome
    from visits
    inner join opportunities on visits.opportunity_key = opportunities.opportunity_key
    left join reps
        on {{ rep_as_of('reps', 'opportunities.owner_rep_key', 'visits.entered_date') }}
)

select * from described
