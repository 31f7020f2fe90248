with counted as (
    select
        purchases - 1 as frequency,
        recency_days,
        age_days,
        cast(count(*) as bigint) as customers
    from {{ ref('int_retention__purchase_histories') }}
    where age_days >= 0
    group by purchases - 1, recency_days, age_days
)

select * from counted
