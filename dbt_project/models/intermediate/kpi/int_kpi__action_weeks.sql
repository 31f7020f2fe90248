-- Whole weeks counted from an action's first day, as far as a year and the longest window before
-- it: where there is no control, the segment is held against its own last year.
{%- set weeks_before = var('action_max_weeks') + 52 %}
with actions as (
    select
        actions.action_id,
        actions.kpi_id,
        actions.dimension,
        actions.segment,
        nullif({{ trimmed('actions.control_segment') }}, '') as control_segment,
        actions.started_on,
        actions.ended_on,
        catalogue.scale,
        catalogue.is_additive,
        catalogue.denominator is not null or not catalogue.is_additive as is_ratio
    from {{ ref('corrective_actions') }} as actions
    inner join {{ ref('int_kpi__catalogue') }} as catalogue on actions.kpi_id = catalogue.kpi_id
),

daily as (
    select
        kpi_id,
        dimension,
        segment,
        period_start as date_day,
        numerator,
        denominator,
        value,
        sample
    from {{ ref('int_kpi__values') }}
    where period_grain = 'day' and is_complete and has_data
),

spans as (
    select
        kpi_id,
        min(date_day) as first_date,
        max(date_day) as last_date
    from daily
    where dimension = 'overall'
    group by kpi_id
),

-- What does not add up has no value on a day without records: it is known from its first day with
-- one to its last.
reached_days as (
    select
        kpi_id,
        date_day,
        true as is_additive
    from daily
    where dimension = 'overall'

    union all

    select
        spans.kpi_id,
        periods.period_start as date_day,
        false as is_additive
    from spans
    inner join {{ ref('int_core__periods') }} as periods
        on periods.period_start between spans.first_date and spans.last_date
    where periods.period_grain = 'day'
),

-- A segment has no row on a day without records; whether a day is known, the whole tells.
known_days as (
    select
        actions.action_id,
        cast(
            floor(
                cast(
                    {{ dbt.datediff('actions.started_on', 'reached_days.date_day', 'day') }}
                    as double
                ) / 7
            ) as bigint
        ) as week_number,
        reached_days.date_day
    from actions
    inner join reached_days
        on
            actions.kpi_id = reached_days.kpi_id
            and actions.is_additive = reached_days.is_additive
    where actions.ended_on is null or reached_days.date_day <= actions.ended_on
),

whole_weeks as (
    select
        action_id,
        week_number
    from known_days
    where week_number between -{{ weeks_before }} and {{ var('action_max_weeks') }} - 1
    group by action_id, week_number
    having count(*) = 7
),

sides as (
    select
        action_id,
        kpi_id,
        dimension,
        segment,
        scale,
        is_additive,
        is_ratio,
        'segment' as side
    from actions

    union all

    select
        action_id,
        kpi_id,
        dimension,
        control_segment as segment,
        scale,
        is_additive,
        is_ratio,
        'control' as side
    from actions
    where control_segment is not null
),

-- A median of days is no sum: a week is the mean of its days, each with the weight of its records.
totals as (
    select
        known_days.action_id,
        known_days.week_number,
        sides.side,
        sum(
            case
                when sides.is_additive then daily.numerator
                else
                    cast(
                        daily.value * cast(daily.sample as double) / sides.scale
                        as decimal(28, 4)
                    )
            end
        ) as numerator,
        sum(
            case
                when sides.is_additive then daily.denominator
                else cast(daily.sample as decimal(28, 4))
            end
        ) as denominator,
        sum(daily.sample) as sample
    from known_days
    inner join sides on known_days.action_id = sides.action_id
    inner join daily
        on
            sides.kpi_id = daily.kpi_id
            and sides.dimension = daily.dimension
            and sides.segment = daily.segment
            and known_days.date_day = daily.date_day
    group by known_days.action_id, known_days.week_number, sides.side
),

weeks as (
    select
        whole_weeks.action_id,
        sides.side,
        whole_weeks.week_number,
        sides.scale,
        cast(coalesce(totals.numerator, 0) as decimal(28, 4)) as numerator,
        case when sides.is_ratio then cast(coalesce(totals.denominator, 0) as decimal(28, 4)) end
            as denominator,
        cast(coalesce(totals.sample, 0) as bigint) as sample
    from whole_weeks
    inner join sides on whole_weeks.action_id = sides.action_id
    left join totals
        on
            whole_weeks.action_id = totals.action_id
            and whole_weeks.week_number = totals.week_number
            and sides.side = totals.side
)

select * from weeks
