with activities as (
    select
        activity_key,
        source_name,
        activity_id,
        occurred_at,
        activity_date,
        rep_key,
        rep_id,
        team,
        region,
        activity_type,
        lead_key,
        lead_id,
        opportunity_key,
        opportunity_id,
        outcome,
        duration_minutes
    from {{ ref('int_core__activities_assigned') }}
)

select * from activities
