-- A day is a business day of a country if the company opens on that weekday and the country has no
-- holiday on it.
with days as (
    select
        date_day,
        {{ iso_weekday('date_day') }} as iso_weekday
    from {{ ref('int_core__period_dates') }}
),

opening_weekdays as (
    select distinct weekday from {{ ref('business_hours') }}
),

countries as (
    select distinct country from {{ ref('holidays') }}
),

holidays as (
    select
        country,
        holiday_date,
        name
    from {{ ref('holidays') }}
),

business_days as (
    select
        countries.country,
        days.date_day,
        holidays.holiday_date is not null as is_holiday,
        holidays.name as holiday_name,
        opening_weekdays.weekday is not null and holidays.holiday_date is null as is_business_day
    from days
    cross join countries
    left join opening_weekdays on days.iso_weekday = opening_weekdays.weekday
    left join holidays
        on days.date_day = holidays.holiday_date and countries.country = holidays.country
)

select * from business_days
