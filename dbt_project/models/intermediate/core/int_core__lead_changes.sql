-- What a lead said from when to when: as far as versions of it were delivered. What the first one
-- says is taken to hold since the creation.
with leads as (
    select lead_key from {{ ref('stg_crm__leads') }}
),

rep_references as (
    select
        rep_reference_key,
        rep_key
    from {{ ref('int_core__rep_references') }}
),

versions as (
    select
        versions.source_name,
        versions.lead_key,
        versions.lead_id,
        versions.created_at,
        versions.observed_at,
        versions.status,
        versions.score,
        coalesce(rep_references.rep_key, versions.owner_rep_key) as owner_rep_key,
        versions.owner_rep_id
    from {{ ref('stg_crm__lead_versions') }} as versions
    inner join leads on versions.lead_key = leads.lead_key
    left join rep_references on versions.owner_rep_key = rep_references.rep_reference_key
),

compared as (
    select
        *,
        row_number() over (
            partition by lead_key order by observed_at nulls last
        ) as version_number,
        lag(status) over (
            partition by lead_key order by observed_at nulls last
        ) as previous_status,
        lag(score) over (
            partition by lead_key order by observed_at nulls last
        ) as previous_score,
        lag(owner_rep_id) over (
            partition by lead_key order by observed_at nulls last
        ) as previous_owner_rep_id
    from versions
),

changes as (
    select
        *,
        case when version_number = 1 then least(created_at, observed_at) else observed_at end
            as valid_from
    from compared
    where
        version_number = 1
        or status is distinct from previous_status
        or score is distinct from previous_score
        or owner_rep_id is distinct from previous_owner_rep_id
),

history as (
    select
        source_name,
        lead_key,
        lead_id,
        row_number() over (partition by lead_key order by valid_from nulls last)
            as change_number,
        valid_from,
        lead(valid_from) over (partition by lead_key order by valid_from nulls last)
            as valid_to,
        status,
        score,
        owner_rep_key,
        owner_rep_id
    from changes
)

select * from history
