-- What a deal said from when to when: as far as versions of it were delivered. What the first one
-- says is taken to hold since the creation.
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

compared as (
    select
        *,
        row_number() over (
            partition by opportunity_key order by observed_at nulls last
        ) as version_number,
        lag(stage) over (
            partition by opportunity_key order by observed_at nulls last
        ) as previous_stage,
        lag(amount) over (
            partition by opportunity_key order by observed_at nulls last
        ) as previous_amount,
        lag(currency) over (
            partition by opportunity_key order by observed_at nulls last
        ) as previous_currency,
        lag(expected_close_on) over (
            partition by opportunity_key order by observed_at nulls last
        ) as previous_expected_close_on,
        lag(owner_rep_id) over (
            partition by opportunity_key order by observed_at nulls last
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
        or stage is distinct from previous_stage
        or amount is distinct from previous_amount
        or currency is distinct from previous_currency
        or expected_close_on is distinct from previous_expected_close_on
        or owner_rep_id is distinct from previous_owner_rep_id
),

history as (
    select
        source_name,
        opportunity_key,
        opportunity_id,
        row_number() over (partition by opportunity_key order by valid_from nulls last)
            as change_number,
        valid_from,
        lead(valid_from) over (partition by opportunity_key order by valid_from nulls last)
            as valid_to,
        stage,
        amount,
        currency,
        expected_close_on,
        owner_rep_key,
        owner_rep_id
    from changes
)

select * from history
