-- The part of a rep's quota of revenue that falls to a team: shares are of the rep's days, from
-- where the part begins to where it ends, so that the parts add up to the quota.
with targets as (
    select
        period_grain,
        period_start,
        segment as rep,
        cast(target_value as double) as target_value
    from {{ ref('int_kpi__targets_in_force') }}
    where kpi_id = 'revenue' and dimension = 'rep'
),

parts as (
    select
        members.period_grain,
        members.period_start,
        members.rep_key,
        members.team,
        reps.rep,
        cast(
            cast(round(targets.target_value * members.share_to, 4) as decimal(18, 4))
            - cast(round(targets.target_value * members.share_from, 4) as decimal(18, 4))
            as decimal(18, 4)
        ) as quota
    from {{ ref('int_sales__rep_periods') }} as members
    inner join {{ ref('int_sales__reps') }} as reps on members.rep_key = reps.rep_key
    left join targets
        on
            members.period_grain = targets.period_grain
            and members.period_start = targets.period_start
            and reps.rep = targets.rep
)

select * from parts
