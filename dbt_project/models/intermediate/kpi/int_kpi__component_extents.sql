with extents as (
    select
        component,
        max(maturity_days) as maturity_days,
        min(activity_date) as first_date,
        max(activity_date) as last_date
    from {{ ref('int_kpi__components_daily') }}
    group by component
)

select * from extents
