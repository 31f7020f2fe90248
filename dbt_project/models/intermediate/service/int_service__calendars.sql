with countries as (
    select distinct country as calendar from {{ ref('holidays') }}
    union
    select '{{ var("home_country") }}' as calendar
)

select * from countries
