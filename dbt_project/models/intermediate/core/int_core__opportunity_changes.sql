-- What a deal said from when to when, as far as versions of it were delivered.
with opportunities as (
    select opportunity_key from {{ ref('stg_crm__opportunities') }}
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
        versions.opportunity_key,
        versions.opportunity_id,
        versions.created_at,
        versions.observed_at,
        versions.stage,
        versions.amount,
        versions.currency,
        versions.expected_close_on,
        coalesce(rep_references.rep_key, versions.owner_rep_key) as owner_rep_key,
        versions.owner_rep_id
    from {{ ref('stg_crm__opportunity_versions') }} as versions
    inner join opportunities on versions.opportunity_key = opportunities.opportunity_key
    left join rep_references on versions.owner_rep_key = rep_references.rep_reference_key
),

changes as (
    {{ changes_of(
        'versions', 'opportunity_key', ['stage', 'amount', 'currency', 'expected_close_on', 'owner_rep_id']
    ) }}
),

history as (
    select
        source_name,
        opportunity_key,
        opportunity_id,
        change_number,
        valid_from,
        valid_to,
        stage,
        amount,
        currency,
        expected_close_on,
        owner_rep_key,
        owner_rep_id
    from changes
)

select * from history
