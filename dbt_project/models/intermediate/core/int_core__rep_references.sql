-- The sales team's system defines reps; others only refer to them. A reference means the rep of its
-- own source, else the only rep of that id anywhere, else one whom no team list knows.
with reps as (
    select distinct
        source_name,
        rep_id,
        rep_key
    from {{ ref('stg_crm__reps') }}
),

mentions as (
    select
        source_name,
        manager_rep_id as rep_id,
        manager_rep_key as rep_reference_key
    from {{ ref('stg_crm__reps') }}
    where manager_rep_id is not null
    union
    select
        source_name,
        owner_rep_id as rep_id,
        owner_rep_key as rep_reference_key
    from {{ ref('stg_crm__lead_versions') }}
    where owner_rep_id is not null
    union
    select
        source_name,
        owner_rep_id as rep_id,
        owner_rep_key as rep_reference_key
    from {{ ref('stg_crm__opportunity_versions') }}
    where owner_rep_id is not null
    union
    select
        source_name,
        rep_id,
        rep_key as rep_reference_key
    from {{ ref('stg_crm__activities') }}
    where rep_id is not null
    union
    select
        source_name,
        rep_id,
        rep_key as rep_reference_key
    from {{ ref('stg_shop__orders') }}
    where rep_id is not null
    union
    select
        source_name,
        assignee_id as rep_id,
        assignee_key as rep_reference_key
    from {{ ref('stg_support__tickets') }}
    where assignee_id is not null
),

known_ids as (
    select
        rep_id,
        min(rep_key) as rep_key
    from reps
    group by rep_id
    having count(*) = 1
),

resolved as (
    select
        rep_key as rep_reference_key,
        rep_key,
        rep_id,
        source_name
    from reps

    union all

    select
        mentions.rep_reference_key,
        coalesce(known_ids.rep_key, mentions.rep_reference_key) as rep_key,
        mentions.rep_id,
        mentions.source_name
    from mentions
    left join reps on mentions.rep_reference_key = reps.rep_key
    left join known_ids on mentions.rep_id = known_ids.rep_id
    where reps.rep_key is null
)

select * from resolved
