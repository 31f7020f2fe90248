-- What a lead said from when to when, as far as versions of it were delivered.
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

changes as (
    {{ changes_of('versions', 'lead_key', ['status', 'score', 'owner_rep_id']) }}
),

history as (
    select
        source_name,
        lead_key,
        lead_id,
        change_number,
        valid_from,
        valid_to,
        status,
        score,
        owner_rep_key,
        owner_rep_id
    from changes
)

select * from history
