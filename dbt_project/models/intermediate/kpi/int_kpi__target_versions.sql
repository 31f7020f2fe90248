-- The version of each target that holds: the latest set by the end of its period or, while the
-- period runs, by now. Money is converted at the rate of the period's first known day.
with versions as (
    select
        kpi_id,
        dimension,
        segment,
        period_start,
        period_grain,
        set_on,
        target_value,
        currency
    from {{ ref('kpi_targets') }}
),

periods as (
    select
        period_grain,
        period_start,
        period_end
    from {{ ref('int_core__periods') }}
),

rates as (
    select
        currency,
        rate_date,
        rate
    from {{ ref('int_core__exchange_rates') }}
),

in_force as (
    select versions.*
    from versions
    inner join periods
        on
            versions.period_grain = periods.period_grain
            and versions.period_start = periods.period_start
    where versions.set_on < periods.period_end and versions.set_on <= {{ as_of_date() }}
    qualify
        row_number() over (
            partition by
                versions.kpi_id,
                versions.dimension,
                versions.segment,
                versions.period_grain,
                versions.period_start
            order by versions.set_on desc nulls last
        ) = 1
),

first_rates as (
    select
        in_force.kpi_id,
        in_force.dimension,
        in_force.segment,
        in_force.period_grain,
        in_force.period_start,
        in_force.set_on,
        in_force.target_value,
        in_force.currency,
        rates.rate
    from in_force
    left join rates
        on in_force.currency = rates.currency and in_force.period_start <= rates.rate_date
    qualify
        row_number() over (
            partition by
                in_force.kpi_id,
                in_force.dimension,
                in_force.segment,
                in_force.period_grain,
                in_force.period_start
            order by rates.rate_date nulls last
        ) = 1
),

converted as (
    select
        kpi_id,
        dimension,
        segment,
        period_grain,
        period_start,
        set_on,
        -- An amount has the decimals of published money; a rate keeps those that it was set with.
        cast(
            case
                when currency is null then target_value
                else {{ in_reporting_currency('target_value', 'rate') }}
            end as decimal(20, 6)
        ) as target_value
    from first_rates
)

select * from converted
