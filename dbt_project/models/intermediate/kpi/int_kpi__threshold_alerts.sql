-- Complete periods in a row that missed their target are one alert. What is not known, as a value
-- below the KPI's minimum sample, neither misses nor meets: it ends no row of misses, and leaves
-- the alert open as of the last period that is known. A sum of nothing is no small sample.
with kpi_values as (
    select
        kpi_id,
        period_grain,
        period_start,
        dimension,
        segment,
        value,
        sample
    from {{ ref('int_kpi__values') }}
    where is_complete and has_data and value is not null
),

judged as (
    select
        targets.kpi_id,
        targets.period_grain,
        targets.period_start,
        periods.period_end,
        lag(periods.period_end) over (
            partition by
                targets.kpi_id, targets.period_grain, targets.dimension, targets.segment
            order by targets.period_start nulls last
        ) as end_before,
        targets.dimension,
        targets.segment,
        kpi_values.value,
        kpi_values.sample,
        cast(targets.target_value as double) as target_value,
        catalogue.direction,
        catalogue.warn_at,
        catalogue.alert_at,
        targets.target_value is not null
        and kpi_values.value is not null
        and (
            kpi_values.sample >= catalogue.min_sample
            or (kpi_values.sample = 0 and catalogue.is_additive and catalogue.denominator is null)
        ) as is_known,
        {{ attainment('catalogue.direction', 'kpi_values.value', 'targets.target_value') }}
            as attainment
    from {{ ref('int_kpi__targets_in_force') }} as targets
    inner join {{ ref('int_kpi__catalogue') }} as catalogue
        on targets.kpi_id = catalogue.kpi_id
    inner join {{ ref('int_core__periods') }} as periods
        on
            targets.period_grain = periods.period_grain
            and targets.period_start = periods.period_start
    left join kpi_values
        on
            targets.kpi_id = kpi_values.kpi_id
            and targets.period_grain = kpi_values.period_grain
            and targets.period_start = kpi_values.period_start
            and targets.dimension = kpi_values.dimension
            and targets.segment = kpi_values.segment
),

with_status as (
    select
        judged.*,
        case
            when judged.is_known
                then {{ target_status('judged', 'attainment', 'value', 'target_value') }}
        end as status
    from judged
),

-- A row of misses is over with a period that met its target, and with one that had none.
numbered as (
    select
        *,
        sum(case when status = 'on_track' or end_before <> period_start then 1 else 0 end) over (
            partition by kpi_id, period_grain, dimension, segment
            order by period_start nulls last
            rows between unbounded preceding and current row
        ) as row_of_misses
    from with_status
),

in_rows as (
    select
        *,
        max(period_end) over (
            partition by kpi_id, period_grain, dimension, segment, row_of_misses
        ) as row_end
    from numbered
),

missed as (
    select
        *,
        min(period_end) over (
            partition by kpi_id, period_grain, dimension, segment, row_of_misses
        ) as first_seen,
        row_number() over (
            partition by kpi_id, period_grain, dimension, segment, row_of_misses
            order by period_start desc nulls last
        ) as from_the_end
    from in_rows
    where status <> 'on_track'
),

-- The latest period of all that are complete, whether it has a value or not: a target that nobody
-- renewed misses nothing new, and of one without a value nothing is known.
latest_periods as (
    select
        kpi_id,
        period_grain,
        max(period_start) as period_start
    from {{ ref('int_kpi__values') }}
    where dimension = 'overall' and is_complete
    group by kpi_id, period_grain
),

maturities as (
    select
        catalogue.kpi_id,
        max(extents.maturity_days) as maturity_days
    from {{ ref('int_kpi__catalogue') }} as catalogue
    inner join {{ ref('int_kpi__component_extents') }} as extents
        on extents.component in (catalogue.numerator, catalogue.denominator)
    group by catalogue.kpi_id
),

alerts as (
    select
        missed.kpi_id,
        missed.dimension,
        missed.segment,
        missed.period_grain,
        missed.period_start,
        missed.first_seen,
        cast(missed.period_end - {{ day_interval(1) }} as date) as last_seen,
        coalesce(missed.row_end > latest_periods.period_start, false) as is_open,
        case
            when
                missed.row_end > latest_periods.period_start
                and missed.period_start < latest_periods.period_start
                then missed.period_end
        end as unknown_since,
        cast(
            {{ dbt.datediff('missed.period_start', 'missed.period_end', 'day') }} as bigint
        ) as day_count,
        missed.value as observed,
        missed.target_value as expected,
        -- Below zero the allowance is a part of the target's size.
        case
            when missed.direction = 'down' then null
            when missed.target_value < 0 then missed.target_value * (2 - missed.warn_at)
            else missed.target_value * missed.warn_at
        end as expected_lower,
        case
            when missed.direction = 'up' then null
            when missed.target_value < 0 then missed.target_value * missed.warn_at
            else {{ ratio('missed.target_value', 'missed.warn_at') }}
        end as expected_upper,
        {{ ratio('missed.value - missed.target_value', 'abs(missed.target_value)') }}
            as relative_change,
        missed.sample,
        case missed.status when 'off_track' then 'critical' else 'warning' end as severity
    from missed
    left join {{ ref('int_core__periods') }} as next_periods
        on
            missed.period_grain = next_periods.period_grain
            and missed.row_end = next_periods.period_start
    left join maturities on missed.kpi_id = maturities.kpi_id
    left join latest_periods
        on
            missed.kpi_id = latest_periods.kpi_id
            and missed.period_grain = latest_periods.period_grain
    where
        missed.from_the_end = 1
        -- What has ended was known to be over when the period after it was known.
        and (
            missed.row_end > latest_periods.period_start
            or {{ dbt.datediff('next_periods.period_end', as_of_date(), 'day') }}
            <= {{ var('alert_history_days') }} + coalesce(maturities.maturity_days, 0)
        )
)

select * from alerts
