-- A day is a business day of a country if the company opens on that weekday and the country has no
-- holiday on it.
with days as (
    select
        date_day,
        cast({{ dbt.date_trunc('week', 'date_day') }} as date) as monday
    from {{ ref('int_core__period_dates') }}
),

numbered as (
    select
        date_day,
        cast({{ dbt.datediff('monday', 'date_day', 'day') }} as bigint) + 1 as iso_weekday
    from days
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

country_days as (
    select
        countries.country,
        numbered.date_day,
        numbered.iso_weekday,
        opening_weekdays.weekday is not null as is_opening_weekday,
        holidays.holiday_date is not null as is_holiday,
        holidays.name as holiday_name
    from numbered
    cross join countries
    left join opening_weekdays on numbered.iso_weekday = opening_weekdays.weekday
    left join holidays
        on numbered.date_day = holidays.holiday_date and countries.country = holidays.country
),

business_days as (
    select
        *,
        is_opening_weekday and not is_holiday as is_business_day
    from country_days
)

select * from business_days
