{%- set watched = "'" ~ var('alert_dimensions') | join("', '") ~ "'" -%}
-- What alerts are looked for in: finished days alone, as many as the expectation of a day rests on.
with daily as (
    select
        component,
        dimension,
        segment,
        period_start as date_day,
        amount,
        sample as records
    from {{ ref('int_kpi__components_by_period') }}
    where
        period_grain = 'day'
        and dimension in ({{ watched }})
        and period_start < {{ as_of_date() }}
        and period_start >= {{ as_of_date() }} - {{ day_interval(var('alert_window_days')) }}
)

select * from daily
