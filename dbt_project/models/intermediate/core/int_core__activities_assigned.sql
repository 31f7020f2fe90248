with activities as (
    select
        *,
        {{ business_date('occurred_at') }} as activity_date
    from {{ ref('stg_crm__activities') }}
),

rep_references as (
    select
        rep_reference_key,
        rep_key
    from {{ ref('int_core__rep_references') }}
),

lead_references as (
    select
        lead_reference_key,
        lead_key
    from {{ ref('int_identity__lead_references') }}
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

referred as (
    select
        activities.activity_key,
        activities.source_name,
        activities.activity_id,
        activities.occurred_at,
        activities.activity_date,
        rep_references.rep_key,
        activities.rep_id,
        activities.activity_type,
        lead_references.lead_key,
        activities.lead_id,
        activities.opportunity_key,
        activities.opportunity_id,
        activities.outcome,
        activities.duration_minutes
    from activities
    left join rep_references on activities.rep_key = rep_references.rep_reference_key
    left join lead_references on activities.lead_key = lead_references.lead_reference_key
),

assigned as (
    select
        referred.*,
        coalesce(reps.team, '(unknown)') as team,
        coalesce(reps.region, '(unknown)') as region
    from referred
    left join reps
        on {{ rep_as_of('reps', 'referred.rep_key', 'referred.activity_date') }}
)

select * from assigned
