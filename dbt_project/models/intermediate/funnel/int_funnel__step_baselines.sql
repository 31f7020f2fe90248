-- What to hold a step's pass rate against: the same segment's periods before, and the other
-- segments of the dimension now and before. Where nothing else is divided there are no others.
with losses as (
    select * from {{ ref('int_funnel__step_losses') }}
),

periods as (
    select
        period_grain,
        period_start,
        row_number() over (partition by period_grain order by period_start nulls last)
            as period_number
    from {{ ref('int_core__periods') }}
),

own as (
    select
        losses.*,
        periods.period_number,
        sum(losses.reached) over own_history as before_reached,
        sum(losses.passed) over own_history as before_passed,
        sum(losses.reached) over own_previous as previous_reached,
        sum(losses.passed) over own_previous as previous_passed
    from losses
    inner join periods
        on
            losses.period_grain = periods.period_grain
            and losses.period_start = periods.period_start
    window
        own_history as (
            partition by
                losses.funnel,
                losses.step_number,
                losses.period_grain,
                losses.dimension,
                losses.segment
            order by periods.period_number nulls last
            range between {{ var('funnel_friction_history_periods') }} preceding and 1 preceding
        ),
        own_previous as (
            partition by
                losses.funnel,
                losses.step_number,
                losses.period_grain,
                losses.dimension,
                losses.segment
            order by periods.period_number nulls last
            range between 1 preceding and 1 preceding
        )
),

totals as (
    select
        funnel,
        step_number,
        period_grain,
        dimension,
        period_number,
        sum(reached) as reached,
        sum(passed) as passed
    from own
    group by funnel, step_number, period_grain, dimension, period_number
),

totals_before as (
    select
        *,
        sum(reached) over total_history as before_reached,
        sum(passed) over total_history as before_passed
    from totals
    window
        total_history as (
            partition by funnel, step_number, period_grain, dimension
            order by period_number nulls last
            range between {{ var('funnel_friction_history_periods') }} preceding and 1 preceding
        )
),

baselines as (
    select
        own.funnel,
        own.step_number,
        own.period_grain,
        own.period_start,
        own.dimension,
        own.segment,
        own.reached,
        own.passed,
        own.open,
        cast(coalesce(own.previous_reached, 0) as bigint) as previous_reached,
        cast(coalesce(own.previous_passed, 0) as bigint) as previous_passed,
        cast(coalesce(own.before_reached, 0) as bigint) as before_reached,
        cast(coalesce(own.before_passed, 0) as bigint) as before_passed,
        cast(totals_before.reached - own.reached as bigint) as others_reached,
        cast(totals_before.passed - own.passed as bigint) as others_passed,
        cast(
            coalesce(totals_before.before_reached, 0) - coalesce(own.before_reached, 0) as bigint
        ) as others_before_reached,
        cast(
            coalesce(totals_before.before_passed, 0) - coalesce(own.before_passed, 0) as bigint
        ) as others_before_passed
    from own
    inner join totals_before
        on
            own.funnel = totals_before.funnel
            and own.step_number = totals_before.step_number
            and own.period_grain = totals_before.period_grain
            and own.dimension = totals_before.dimension
            and own.period_number = totals_before.period_number
)

select * from baselines
