-- The days of whole periods: a target is converted at the rate of its period's first day, which may
-- lie before the first row of all data.
with days as (
    select date_day from {{ ref('int_core__period_dates') }}
),

rates as (
    select
        from_currency as currency,
        rate_date,
        cast(rate as decimal(18, 8)) as rate,
        lead(rate_date) over (partition by from_currency order by rate_date nulls last)
            as next_rate_date,
        row_number() over (partition by from_currency order by rate_date nulls last) as rate_number
    from {{ ref('fx_rates') }}
    where to_currency = '{{ var("reporting_currency") }}'
),

-- Between two rates the older one holds; before the first rate the first one does. A rate that is
-- used before its day, or long after it, is flagged.
dated as (
    select
        rates.currency,
        days.date_day as rate_date,
        rates.rate,
        days.date_day < rates.rate_date
        or days.date_day > cast(
            rates.rate_date + {{ day_interval(var('stale_rate_days')) }} as date
        ) as is_extrapolated
    from days
    inner join rates
        on
            (days.date_day >= rates.rate_date or rates.rate_number = 1)
            and (days.date_day < rates.next_rate_date or rates.next_rate_date is null)
    where rates.currency <> '{{ var("reporting_currency") }}'
),

own_currency as (
    select
        '{{ var("reporting_currency") }}' as currency,
        date_day as rate_date,
        cast(1 as decimal(18, 8)) as rate,
        false as is_extrapolated
    from days
),

all_rates as (
    select * from dated
    union all
    select * from own_currency
)

select * from all_rates
