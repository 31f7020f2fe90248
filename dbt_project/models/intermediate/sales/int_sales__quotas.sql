-- A quota is a target of revenue for a rep or a team. A team's own counts, else its reps' together,
-- each for the part of the period that the rep is in the team. Where somebody sold without a quota,
-- those of the others are no measure of what all sold: a team or the company has none then. Who has
-- one has it also for what is sold on days in no team, as after leaving. Nor is there a quota
-- where one is set for months of a quarter, or for the quarter of a month, or without an exchange
-- rate: it is part of the whole, and nobody knows here how large.
with periods as (
    select
        period_grain,
        period_start,
        period_end
    from {{ ref('int_core__periods') }}
),

targets as (
    select
        target_versions.dimension,
        target_versions.segment,
        target_versions.period_grain,
        target_versions.period_start,
        target_versions.target_value,
        periods.period_end
    from {{ ref('int_kpi__target_versions') }} as target_versions
    inner join periods
        on
            target_versions.period_grain = periods.period_grain
            and target_versions.period_start = periods.period_start
    where
        target_versions.kpi_id = 'revenue'
        and target_versions.dimension in ('team', 'rep')
),

-- Who has a quota, of whatever grain, for a part of a period or for what the period is a part of.
set_otherwise as (
    select distinct
        targets.dimension,
        targets.segment,
        periods.period_grain,
        periods.period_start
    from targets
    inner join periods
        on
            targets.period_start < periods.period_end
            and targets.period_end > periods.period_start
),

rep_parts as (
    select
        totals.period_grain,
        totals.period_start,
        totals.team,
        quotas.rep,
        quotas.quota,
        {{ rep_attained('totals') }} as attained,
        max(quotas.quota) over (
            partition by totals.period_grain, totals.period_start, totals.rep_key
        ) is null as has_no_quota,
        quotas.quota is null and set_otherwise.segment is not null as is_set_otherwise
    from {{ ref('int_sales__rep_totals') }} as totals
    left join {{ ref('int_sales__rep_quotas') }} as quotas
        on
            totals.period_grain = quotas.period_grain
            and totals.period_start = quotas.period_start
            and totals.rep_key = quotas.rep_key
            and totals.team = quotas.team
    left join set_otherwise
        on
            totals.period_grain = set_otherwise.period_grain
            and totals.period_start = set_otherwise.period_start
            and set_otherwise.dimension = 'rep'
            and quotas.rep = set_otherwise.segment
),

team_sums as (
    select
        period_grain,
        period_start,
        team,
        case
            when max(case when has_no_quota then abs(attained) end) > 0 then null
            when max(case when is_set_otherwise then 1 else 0 end) = 1 then null
            else sum(quota)
        end as quota,
        sum(case when has_no_quota then abs(attained) end) as sold_without_quota,
        max(case when is_set_otherwise then 1 else 0 end) = 1 as has_reps_set_otherwise
    from rep_parts
    group by period_grain, period_start, team
),

teams as (
    select
        team_sums.period_grain,
        team_sums.period_start,
        team_sums.team,
        case
            when targets.segment is null then team_sums.quota
            else targets.target_value
        end as quota,
        team_sums.sold_without_quota,
        team_sums.has_reps_set_otherwise or set_otherwise.segment is not null as is_set_otherwise,
        case when targets.target_value is not null then 'team' else 'reps' end as quota_source
    from team_sums
    left join targets
        on
            team_sums.period_grain = targets.period_grain
            and team_sums.period_start = targets.period_start
            and targets.dimension = 'team'
            and team_sums.team = targets.segment
    left join set_otherwise
        on
            team_sums.period_grain = set_otherwise.period_grain
            and team_sums.period_start = set_otherwise.period_start
            and set_otherwise.dimension = 'team'
            and team_sums.team = set_otherwise.segment
),

quotas as (
    select
        period_grain,
        period_start,
        'rep' as dimension,
        rep as segment,
        sum(quota) as quota,
        'rep' as quota_source
    from rep_parts
    group by period_grain, period_start, rep

    union all

    select
        period_grain,
        period_start,
        'team' as dimension,
        team as segment,
        quota,
        quota_source
    from teams

    union all

    select
        period_grain,
        period_start,
        'overall' as dimension,
        'all' as segment,
        case
            when max(case when quota is null then sold_without_quota end) > 0 then null
            when max(case when quota is null and is_set_otherwise then 1 else 0 end) = 1 then null
            else sum(quota)
        end as quota,
        'teams' as quota_source
    from teams
    group by period_grain, period_start
),

stated as (
    select
        period_grain,
        period_start,
        dimension,
        segment,
        cast(quota as decimal(28, 4)) as quota,
        quota_source
    from quotas
    where quota is not null
)

select * from stated
