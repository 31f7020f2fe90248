-- A rep is in one team a day. Where two periods overlap, the one that began later counts from its
-- first day on; a day in no period belongs to no team. A period that ends before it begins is none.
with periods as (
    select
        *,
        lead(valid_from) over (partition by rep_key order by valid_from nulls last)
            as next_valid_from
    from {{ ref('stg_crm__reps') }}
    where valid_to is null or valid_to >= valid_from
),

bounded as (
    select
        *,
        coalesce(valid_to, cast('9999-12-31' as date)) as stated_until,
        cast(
            coalesce(next_valid_from - interval '1' day, cast('9999-12-31' as date)) as date
        ) as latest_until
    from periods
),

disjoint as (
    select
        bounded.rep_period_key,
        bounded.rep_key,
        bounded.source_name,
        bounded.rep_id,
        bounded.team,
        coalesce(manager_references.rep_key, bounded.manager_rep_key) as manager_rep_key,
        bounded.manager_rep_id,
        bounded.region,
        bounded.valid_from,
        least(bounded.stated_until, bounded.latest_until) as valid_until,
        bounded.latest_until < bounded.stated_until and bounded.valid_to is not null
            as is_shortened
    from bounded
    left join {{ ref('int_core__rep_references') }} as manager_references
        on bounded.manager_rep_key = manager_references.rep_reference_key
)

select * from disjoint
