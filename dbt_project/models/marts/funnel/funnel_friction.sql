-- A drop counts as far as neither the segment's own past nor what befell the other segments
-- explains it: the smaller of the two estimates, with the lower of the two limits. Intervals of
-- differences of proportions: Newcombe's hybrid score method (Statistics in Medicine 17, 1998,
-- method 10), for differences of differences in the form of Zou and Donner (ibid. 27, 2008).
{% set z = var('funnel_friction_z') %}
with baselines as (
    select * from {{ ref('int_funnel__step_baselines') }}
),

steps as (
    select
        funnel,
        step_number,
        step
    from {{ ref('int_funnel__steps') }}
),

step_values as (
    select
        funnel,
        step_number,
        downstream_rate,
        average_value
    from {{ ref('int_funnel__step_values') }}
),

periods as (
    select
        funnel,
        period_grain,
        period_start,
        is_complete
    from {{ ref('int_funnel__periods') }}
),

{% set samples = [
    ('now', '', ''),
    ('before', 'before_', ''),
    ('others', 'others_', ''),
    ('others_before', 'others_before_', ''),
] %}
rated as (
    select
        *,
        {% for name, prefix, _ in samples %}
            {{ ratio(prefix ~ 'passed', prefix ~ 'reached') }} as {{ name }}_rate,
            {{ wilson_limit(prefix ~ 'passed', prefix ~ 'reached', '-', z) }} as {{ name }}_low,
            {{ wilson_limit(prefix ~ 'passed', prefix ~ 'reached', '+', z) }} as {{ name }}_high,
        {% endfor %}
        before_reached >= {{ var('funnel_friction_min_people') }} as has_history,
        others_reached >= {{ var('funnel_friction_min_people') }}
        and others_before_reached >= {{ var('funnel_friction_min_people') }} as has_others
    from baselines
),

compared as (
    select
        *,
        before_rate - now_rate as own_drop,
        before_rate - now_rate - sqrt(
            (before_rate - before_low) * (before_rate - before_low)
            + (now_high - now_rate) * (now_high - now_rate)
        ) as own_drop_low,
        before_rate - now_rate + sqrt(
            (before_high - before_rate) * (before_high - before_rate)
            + (now_rate - now_low) * (now_rate - now_low)
        ) as own_drop_high,
        before_rate - now_rate - (others_before_rate - others_rate) as beyond_others,
        before_rate - now_rate - (others_before_rate - others_rate) - sqrt(
            (before_rate - before_low) * (before_rate - before_low)
            + (now_high - now_rate) * (now_high - now_rate)
            + (others_before_high - others_before_rate) * (others_before_high - others_before_rate)
            + (others_rate - others_low) * (others_rate - others_low)
        ) as beyond_others_low,
        before_rate - now_rate - (others_before_rate - others_rate) + sqrt(
            (before_high - before_rate) * (before_high - before_rate)
            + (now_rate - now_low) * (now_rate - now_low)
            + (others_before_rate - others_before_low) * (others_before_rate - others_before_low)
            + (others_high - others_rate) * (others_high - others_rate)
        ) as beyond_others_high
    from rated
),

-- Where the others lost more than the segment ever passed, nobody is expected to pass, no fewer.
judged as (
    select
        *,
        case
            when not has_history then null
            when has_others then greatest(least(own_drop, beyond_others), 0 - now_rate)
            else own_drop
        end as drop_rate,
        case
            when not has_history then null
            when has_others then greatest(least(own_drop_low, beyond_others_low), 0 - now_rate)
            else own_drop_low
        end as drop_low,
        case
            when not has_history then null
            when has_others then greatest(least(own_drop_high, beyond_others_high), 0 - now_rate)
            else own_drop_high
        end as drop_high
    from compared
),

counted as (
    select
        judged.funnel,
        judged.period_grain,
        judged.period_start,
        periods.is_complete,
        judged.dimension,
        judged.segment,
        judged.step_number,
        steps.step,
        judged.reached,
        judged.passed,
        judged.reached - judged.passed as lost,
        judged.open,
        judged.now_rate as pass_rate,
        {{ ratio('judged.previous_passed', 'judged.previous_reached') }} as previous_pass_rate,
        judged.before_reached,
        judged.before_rate as before_pass_rate,
        judged.others_reached,
        judged.others_rate as others_pass_rate,
        judged.others_before_rate as others_before_pass_rate,
        judged.now_rate + judged.drop_rate as expected_pass_rate,
        judged.reached * judged.drop_rate as lost_beyond_expected,
        judged.reached * judged.drop_low as lost_beyond_expected_low,
        judged.reached * judged.drop_high as lost_beyond_expected_high,
        coalesce(judged.reached * judged.drop_low >= 1, false) as is_friction,
        step_values.downstream_rate,
        step_values.average_value as average_conversion_value,
        cast(
            judged.reached
            * case when judged.drop_rate < 0 then 0 else judged.drop_rate end
            * step_values.downstream_rate
            * cast(step_values.average_value as double) as decimal(18, 4)
        ) as revenue_at_stake
    from judged
    inner join steps
        on judged.funnel = steps.funnel and judged.step_number = steps.step_number
    inner join periods
        on
            judged.funnel = periods.funnel
            and judged.period_grain = periods.period_grain
            and judged.period_start = periods.period_start
    left join step_values
        on
            judged.funnel = step_values.funnel
            and judged.step_number = step_values.step_number
),

-- One step in one period is one matter, however it is cut: it is told by the segment in which the
-- loss is clearest, and the others are not ranked beside it. The whole tells it only if no segment
-- accounts for half of it.
divided as (
    select
        *,
        max(case when dimension <> 'overall' and is_friction then lost_beyond_expected end) over (
            partition by funnel, period_grain, period_start, step_number
        ) as lost_in_a_segment
    from counted
),

led as (
    select
        *,
        row_number() over (
            partition by funnel, period_grain, period_start, step_number
            order by
                case
                    when dimension = 'overall' and lost_in_a_segment * 2 >= lost_beyond_expected
                        then 1
                    else 0
                end asc nulls last,
                lost_beyond_expected_low desc nulls last,
                lost_beyond_expected desc nulls last,
                case when dimension = 'overall' then 0 else 1 end asc nulls last,
                dimension asc nulls last,
                segment asc nulls last
        ) = 1 as is_leading
    from divided
),

ranked as (
    select
        *,
        row_number() over (
            partition by funnel, period_grain, is_leading
            order by
                lost_beyond_expected_low desc nulls last,
                period_start desc nulls last,
                step_number asc nulls last,
                dimension asc nulls last,
                segment asc nulls last
        ) as friction_rank,
        row_number() over (
            partition by funnel, period_grain, period_start, is_leading
            order by
                lost_beyond_expected_low desc nulls last,
                step_number asc nulls last,
                dimension asc nulls last,
                segment asc nulls last
        ) as period_rank,
        row_number() over (
            partition by funnel, period_grain, dimension, segment
            order by
                lost_beyond_expected_low desc nulls last,
                period_start desc nulls last,
                step_number asc nulls last
        ) as segment_rank
    from led
),

flagged as (
    select
        funnel,
        period_grain,
        period_start,
        is_complete,
        dimension,
        segment,
        step_number,
        step,
        reached,
        passed,
        lost,
        open,
        pass_rate,
        previous_pass_rate,
        before_reached,
        before_pass_rate,
        others_reached,
        others_pass_rate,
        others_before_pass_rate,
        expected_pass_rate,
        cast(lost_beyond_expected as double) as lost_beyond_expected,
        cast(lost_beyond_expected_low as double) as lost_beyond_expected_low,
        cast(lost_beyond_expected_high as double) as lost_beyond_expected_high,
        is_friction,
        is_leading,
        case when is_leading then cast(friction_rank as bigint) end as friction_rank,
        case when is_leading then cast(period_rank as bigint) end as period_rank,
        is_friction and segment_rank = 1 as is_worst,
        downstream_rate,
        average_conversion_value,
        revenue_at_stake
    from ranked
)

select * from flagged
