-- The components of orders by product category. An order's amounts are split over its categories by
-- what their items come to, exactly: parts add up to the order. A refund is of its item's category,
-- or of all those of its order.
with weighed as (
    select
        order_key,
        product_category,
        cost,
        item_count,
        {{ minor_units('gross_amount - discount_amount') }} as net_units,
        sum({{ minor_units('gross_amount - discount_amount') }}) over (partition by order_key)
            as order_units
    from {{ ref('int_core__order_category_totals') }}
),

-- Goods given away weigh by their lines.
weights as (
    select
        order_key,
        product_category,
        cost,
        case when order_units <> 0 then net_units else item_count end as weight
    from weighed
),

summed_weights as (
    select
        *,
        sum(weight) over (
            partition by order_key
            order by product_category nulls last
            rows between unbounded preceding and current row
        ) as part_through,
        sum(weight) over (partition by order_key) as whole
    from weights
),

shares as (
    select
        order_key,
        product_category,
        cost,
        cast(part_through - weight as bigint) as part_before,
        cast(part_through as bigint) as part_through,
        cast(whole as bigint) as whole
    from summed_weights
),

orders as (
    select
        order_key,
        order_date,
        net_revenue,
        margin
    from {{ ref('int_core__orders_valued') }}
    where is_revenue
),

refunds as (
    select
        refunds.refund_date,
        refunds.order_key,
        refunds.refunded,
        items.product_category
    from {{ ref('int_core__refunds_valued') }} as refunds
    left join {{ ref('int_core__order_items_categorised') }} as items
        on refunds.order_item_key = items.order_item_key
    where refunds.is_revenue
),

-- What is shared out over an order's categories names the order.
amounts as (
    select
        order_date as activity_date,
        order_key as shared_order_key,
        cast(null as {{ dbt.type_string() }}) as product_category,
        net_revenue as amount,
        margin is not null as is_costed,
        false as is_refund
    from orders

    union all

    select
        refund_date as activity_date,
        case when product_category is null then order_key end as shared_order_key,
        product_category,
        refunded as amount,
        false as is_costed,
        true as is_refund
    from refunds
),

split as (
    select
        amounts.activity_date,
        coalesce(amounts.product_category, shares.product_category, '(unknown)')
            as product_category,
        case
            when shares.order_key is null then amounts.amount
            else
                {{ from_minor_units(
                    allocated_share(
                        minor_units('amounts.amount'), 'shares.part_through', 'shares.whole'
                    )
                    ~ ' - '
                    ~ allocated_share(
                        minor_units('amounts.amount'), 'shares.part_before', 'shares.whole'
                    )
                ) }}
        end as amount,
        case when amounts.is_costed then coalesce(shares.cost, 0) end as cost,
        amounts.is_costed,
        amounts.is_refund
    from amounts
    left join shares on amounts.shared_order_key = shares.order_key
),

summed as (
    select
        activity_date,
        'product_category' as dimension,
        product_category as segment,
        sum(case when not is_refund then amount end) as order_revenue,
        sum(case when not is_refund then 1 else 0 end) as orders,
        sum(case when is_costed then amount - cost end) as margin,
        sum(case when is_costed then amount end) as costed_revenue,
        sum(case when is_costed then 1 else 0 end) as costed_orders,
        sum(case when is_refund then amount end) as refunded,
        sum(case when is_refund then 1 else 0 end) as refunds
    from split
    group by activity_date, product_category
),

daily as (
    {{ daily_components('summed', {
        'net_revenue': ['coalesce(order_revenue, 0) - coalesce(refunded, 0)', 'orders + refunds'],
        'order_revenue': ['order_revenue', 'orders'],
        'margin': ['margin', 'costed_orders'],
        'costed_revenue': ['costed_revenue', 'costed_orders'],
        'refunded': ['refunded', 'refunds'],
    }, "'shop_orders'") }}
)

select * from daily
