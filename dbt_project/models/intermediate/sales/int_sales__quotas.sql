-- A quota is a target of revenue for a rep or a team. A team's own counts, else its reps' together,
-- each for the part of the period that the rep is in the team. Where somebody sold without a quota,
-- those of the others are no measure of what all sold: a team or the company has none then.
with rep_parts as (
    select
        totals.period_grain,
        totals.period_start,
        totals.team,
        quotas.rep,
        quotas.quota,
        {{ rep_attained('totals') }} as attained
    from {{ ref('int_sales__rep_totals') }} as totals
    left join {{ ref('int_sales__rep_quotas') }} as quotas
        on
            totals.period_grain = quotas.period_grain
            and totals.period_start = quotas.period_start
            and totals.rep_key = quotas.rep_key
            and totals.team = quotas.team
),

team_targets as (
    select
        period_grain,
        period_start,
        segment as team,
        target_value
    from {{ ref('int_kpi__target_versions') }}
    where kpi_id = 'revenue' and dimension = 'team'
),

teams as (
    select
        rep_parts.period_grain,
        rep_parts.period_start,
        rep_parts.team,
        coalesce(
            max(team_targets.target_value),
            case
                when max(case when rep_parts.quota is null then abs(rep_parts.attained) end) > 0
                    then null
                else sum(rep_parts.quota)
            end
        ) as quota,
        sum(abs(rep_parts.attained)) as sold,
        case when max(team_targets.target_value) is not null then 'team' else 'reps' end
            as quota_source
    from rep_parts
    left join team_targets
        on
            rep_parts.period_grain = team_targets.period_grain
            and rep_parts.period_start = team_targets.period_start
            and rep_parts.team = team_targets.team
    group by rep_parts.period_grain, rep_parts.period_start, rep_parts.team
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
            when max(case when quota is null then sold end) > 0 then null else sum(quota)
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
