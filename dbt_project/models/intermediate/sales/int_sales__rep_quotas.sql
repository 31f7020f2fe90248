-- The part of a rep's quota of revenue that falls to a team, by the rep's days there.
with targets as (
    select
        period_grain,
        period_start,
        segment as rep,
        {{ minor_units('target_value') }} as target_units
    from {{ ref('int_kpi__target_versions') }}
    where kpi_id = 'revenue' and dimension = 'rep'
),

parts as (
    select
        members.period_grain,
        members.period_start,
        members.rep_key,
        members.team,
        reps.rep,
        {{ from_minor_units(
            allocated_share('targets.target_units', 'members.days_through', 'members.rep_days')
            ~ ' - '
            ~ allocated_share('targets.target_units', 'members.days_before', 'members.rep_days')
        ) }} as quota
    from {{ ref('int_sales__rep_periods') }} as members
    inner join {{ ref('int_sales__reps') }} as reps on members.rep_key = reps.rep_key
    left join targets
        on
            members.period_grain = targets.period_grain
            and members.period_start = targets.period_start
            and reps.rep = targets.rep
)

select * from parts
