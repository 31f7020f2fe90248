-- Opening intervals are wall-clock times; as instants, the days on which the clock changes have the
-- hours that they really have. A closed day keeps one row, so that every instant finds its day.
with bounds as (
    select
        min(period_start) as first_date,
        max(period_end) as end_date
    from {{ ref('int_core__periods') }}
),

days as (
    {{ days_within('bounds') }}
),

countries as (
    select calendar from {{ ref('int_service__calendars') }}
),

hours as (
    select
        weekday,
        cast(substr(opens_at, 1, 2) as bigint) * 60 + cast(substr(opens_at, 4, 2) as bigint)
            as opening_minute,
        cast(substr(closes_at, 1, 2) as bigint) * 60 + cast(substr(closes_at, 4, 2) as bigint)
            as closing_minute
    from {{ ref('business_hours') }}
),

country_days as (
    select
        countries.calendar,
        days.date_day,
        case when holidays.holiday_date is null then {{ iso_weekday('days.date_day') }} end
            as open_weekday
    from countries
    cross join days
    left join {{ ref('holidays') }} as holidays
        on countries.calendar = holidays.country and days.date_day = holidays.holiday_date
),

intervals as (
    select
        country_days.calendar,
        country_days.date_day,
        coalesce(hours.opening_minute, 0) as opening_minute,
        {{ utc_instant(dbt.dateadd(
            'minute', 'coalesce(hours.opening_minute, 0)', 'country_days.date_day'
        )) }} as opens_at,
        {{ utc_instant(dbt.dateadd(
            'minute', 'coalesce(hours.closing_minute, 0)', 'country_days.date_day'
        )) }} as closes_at
    from country_days
    left join hours on country_days.open_weekday = hours.weekday
),

lengths as (
    select
        *,
        cast(round({{ seconds_between('opens_at', 'closes_at') }}) as bigint) as seconds
    from intervals
),

accumulated as (
    select
        calendar,
        date_day,
        opening_minute,
        opens_at,
        closes_at,
        seconds,
        cast(
            sum(seconds) over (
                partition by calendar
                order by date_day nulls last, opening_minute nulls last
                rows between unbounded preceding and current row
            ) as bigint
        ) - seconds as seconds_before
    from lengths
)

select * from accumulated
