with categories as (
    select * from {{ ref('int_core__order_category_totals') }}
),

totals as (
    select
        order_key,
        cast(sum(item_count) as bigint) as item_count,
        cast(sum(gross_amount) as decimal(18, 4)) as gross_amount,
        cast(sum(discount_amount) as decimal(18, 4)) as discount_amount,
        case when count(cost) = count(*) then cast(sum(cost) as decimal(18, 4)) end as cost
    from categories
    group by order_key
)

select * from totals
