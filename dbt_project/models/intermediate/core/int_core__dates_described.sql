with days as (
    select
        date_day,
        cast(date_day + interval '1' day as date) as next_day,
        cast({{ dbt.date_trunc('week', 'date_day') }} as date) as monday,
        {%- for grain in ['week', 'month', 'quarter', 'year'] %}
            {{ period_start(grain, 'date_day') }} as {{ grain }}_start
            {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ ref('int_core__period_dates') }}
),

-- An ISO week, whatever weekday the company's start on, belongs to the year of its Thursday.
iso_weeks as (
    select
        *,
        cast(monday + interval '3' day as date) as thursday,
        cast(
            {{ dbt.date_trunc('year', "cast(monday + interval '3' day as date)") }} as date
        ) as iso_year_start
    from days
),

opening_weekdays as (
    select distinct weekday from {{ ref('business_hours') }}
),

countries as (
    select
        date_day,
        cast(count(*) as bigint) as countries,
        cast(sum(case when is_holiday then 1 else 0 end) as bigint) as holiday_countries
    from {{ ref('int_core__business_days') }}
    group by date_day
),

bounded as (
    select
        *,
        {{ iso_weekday('date_day') }} as iso_weekday,
        cast({{ dbt.datediff('iso_year_start', 'thursday', 'day') }} as bigint) as thursday_number,
        {{ business_day_start('date_day') }} as starts_at,
        {{ business_day_start('next_day') }} as ends_at
    from iso_weeks
),

described as (
    select
        bounded.date_day,
        bounded.iso_weekday,
        case bounded.iso_weekday
            when 1 then 'Monday'
            when 2 then 'Tuesday'
            when 3 then 'Wednesday'
            when 4 then 'Thursday'
            when 5 then 'Friday'
            when 6 then 'Saturday'
            else 'Sunday'
        end as weekday_name,
        bounded.iso_weekday >= 6 as is_weekend,
        bounded.week_start,
        cast(extract(year from bounded.thursday) as bigint) as iso_year,
        cast(floor(cast(bounded.thursday_number as double) / 7) as bigint) + 1 as iso_week,
        bounded.month_start,
        cast(extract(month from bounded.date_day) as bigint) as month_of_year,
        cast(extract(day from bounded.date_day) as bigint) as day_of_month,
        bounded.quarter_start,
        cast(
            {{ even_share(
                '(extract(month from bounded.date_day) + 12 - '
                ~ var('fiscal_year_starts_in') ~ ') % 12',
                3
            ) }} as bigint
        ) + 1 as quarter_of_year,
        bounded.year_start,
        cast(extract(year from bounded.date_day) as bigint) as calendar_year,
        -- Named after the year in which it ends.
        cast(extract(year from bounded.year_start + interval '11' month) as bigint)
            as fiscal_year,
        bounded.starts_at,
        bounded.ends_at,
        cast(
            {{ seconds_between('bounded.starts_at', 'bounded.ends_at') }} / 3600 as double
        ) as hours_in_day,
        coalesce(countries.holiday_countries, 0) as holiday_countries,
        opening_weekdays.weekday is not null
        and (
            coalesce(countries.holiday_countries, 0) = 0
            or countries.holiday_countries < countries.countries
        ) as is_business_day,
        bounded.date_day < {{ as_of_date() }} as is_complete
    from bounded
    left join opening_weekdays on bounded.iso_weekday = opening_weekdays.weekday
    left join countries on bounded.date_day = countries.date_day
)

select * from described
