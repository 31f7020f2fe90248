-- Recency, frequency and monetary value in fifths of all buyers; ties keep the order of the keys.
with order_totals as (
    select
        customer_key,
        max(ordered_at) as last_order_at,
        count(*) as orders,
        sum(net_revenue) as net_revenue
    from {{ ref('int_core__orders_valued') }}
    where is_revenue and customer_key is not null
    group by customer_key
),

scores as (
    select
        customer_key,
        orders,
        cast(
            ntile(5) over (order by last_order_at nulls last, customer_key nulls last) as bigint
        ) as recency_score,
        cast(
            ntile(5) over (
                order by orders nulls last, last_order_at nulls last, customer_key nulls last
            ) as bigint
        ) as frequency_score,
        cast(
            ntile(5) over (order by net_revenue asc nulls first, customer_key asc nulls last)
            as bigint
        ) as monetary_score
    from order_totals
),

segments as (
    select
        customer_key,
        recency_score,
        frequency_score,
        monetary_score,
        case
            when recency_score >= 4 and frequency_score >= 4 and monetary_score >= 4
                then 'champion'
            when frequency_score >= 4 and recency_score >= 3 then 'loyal'
            when orders = 1 and recency_score >= 4 then 'new'
            when recency_score <= 2 and (frequency_score >= 4 or monetary_score >= 4)
                then 'at_risk'
            when recency_score <= 2 then 'hibernating'
            else 'regular'
        end as rfm_segment
    from scores
)

select * from segments
