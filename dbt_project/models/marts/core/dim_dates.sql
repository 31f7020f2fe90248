with dates as (
    select
        date_day,
        iso_weekday,
        weekday_name,
        is_weekend,
        week_start,
        iso_year,
        iso_week,
        month_start,
        month_of_year,
        day_of_month,
        quarter_start,
        quarter_of_year,
        year_start,
        calendar_year,
        fiscal_year,
        starts_at,
        ends_at,
        hours_in_day,
        holiday_countries,
        is_business_day,
        is_complete
    from {{ ref('int_core__dates_described') }}
)

select * from dates
