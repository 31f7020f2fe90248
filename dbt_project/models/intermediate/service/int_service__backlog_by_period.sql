-- What was open when a period ended, or now while it runs: all that came less all that was solved.
with tickets as (
    select * from {{ ref('int_service__tickets_measured') }}
),

by_dimension as (
    {% for dimension in service_dimensions() %}
        select
            tickets.created_date,
            case when tickets.is_solved_before then tickets.created_at else tickets.solved_at end
                as solved_at,
            '{{ dimension }}' as dimension,
            {{ segment_of(dimension) }} as segment
        from tickets
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

movements as (
    select
        dimension,
        segment,
        created_date as date_day,
        1 as opened,
        0 as closed
    from by_dimension

    union all

    select
        dimension,
        segment,
        {{ business_date('solved_at') }} as date_day,
        0 as opened,
        1 as closed
    from by_dimension
    where solved_at is not null
),

moved as (
    select
        movements.dimension,
        movements.segment,
        period_days.period_grain,
        period_days.period_start,
        sum(movements.opened) as opened,
        sum(movements.closed) as closed
    from movements
    inner join {{ ref('int_core__period_days') }} as period_days
        on movements.date_day = period_days.date_day
    group by
        movements.dimension,
        movements.segment,
        period_days.period_grain,
        period_days.period_start
),

first_moves as (
    select
        dimension,
        segment,
        period_grain,
        min(period_start) as first_period_start
    from moved
    group by dimension, segment, period_grain
),

-- Every period since the first ticket: a quiet one has a backlog too.
spine as (
    select
        first_moves.dimension,
        first_moves.segment,
        periods.period_grain,
        periods.period_start
    from first_moves
    inner join {{ ref('int_core__periods') }} as periods
        on
            first_moves.period_grain = periods.period_grain
            and first_moves.first_period_start <= periods.period_start
),

counted as (
    select
        spine.dimension,
        spine.segment,
        spine.period_grain,
        spine.period_start,
        cast(coalesce(moved.closed, 0) as bigint) as solved_in_period,
        cast(
            sum(coalesce(moved.opened, 0) - coalesce(moved.closed, 0)) over (
                partition by spine.dimension, spine.segment, spine.period_grain
                order by spine.period_start nulls last
                rows between unbounded preceding and current row
            ) as bigint
        ) as backlog
    from spine
    left join moved
        on
            spine.dimension = moved.dimension
            and spine.segment = moved.segment
            and spine.period_grain = moved.period_grain
            and spine.period_start = moved.period_start
)

select * from counted
