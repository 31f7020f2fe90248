with business_days as (
    select
        country,
        date_day,
        is_holiday,
        holiday_name,
        is_business_day
    from {{ ref('int_core__business_days') }}
)

select * from business_days
