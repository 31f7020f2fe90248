-- What each line is of its order, exactly: lines add up to the order. Its list price and its own
-- discount are what it adds to those of the lines before it; of a discount of the whole order it
-- has a part by what the line itself comes to. Of nothing else: lines of either sign, as those of
-- an exchange, may come to nothing together, and their parts of it are then beyond all measure.
with items as (
    select * from {{ ref('int_core__order_items_costed') }}
),

orders as (
    select
        order_key,
        is_revenue,
        currency,
        exchange_rate,
        discount
    from {{ ref('int_core__orders_valued') }}
),

placed as (
    select
        items.*,
        orders.is_revenue,
        orders.currency,
        orders.exchange_rate,
        orders.discount as order_discount,
        {{ minor_units('items.gross_amount - items.discount_amount') }} as units
    from items
    left join orders on items.order_key = orders.order_key
),

summed as (
    select
        *,
        cast(sum(gross_amount) over lines_through as decimal(18, 4)) as gross_through,
        cast(sum(discount_amount) over lines_through as decimal(18, 4)) as discount_through,
        cast(sum(discount_amount) over lines as decimal(18, 4)) as discount_whole,
        cast(sum(units) over lines_through as bigint) as units_through,
        cast(sum(units) over lines as bigint) as units_whole,
        row_number() over lines_through as line_number,
        count(*) over lines as line_count
    from placed
    window
        lines_through as (
            partition by order_key
            order by order_item_key nulls last
            rows between unbounded preceding and current row
        ),
        lines as (
            partition by order_key
            order by order_item_key nulls last
            rows between unbounded preceding and unbounded following
        )
),

-- Lines that come to nothing, as goods given away, have even parts.
parted as (
    select
        *,
        case when units_whole <> 0 then units_through - units else line_number - 1 end
            as part_before,
        case when units_whole <> 0 then units_through else line_number end as part_through,
        case when units_whole <> 0 then units_whole else line_count end as part_whole
    from summed
),

shared as (
    select
        *,
        cast(
            {{ in_reporting_currency('gross_through', 'exchange_rate') }}
            - {{ in_reporting_currency('gross_through - gross_amount', 'exchange_rate') }}
            as decimal(18, 4)
        ) as gross_revenue,
        cast(
            {{ in_reporting_currency('discount_through', 'exchange_rate') }}
            - {{ in_reporting_currency('discount_through - discount_amount', 'exchange_rate') }}
            as decimal(18, 4)
        ) as own_discount,
        cast(
            order_discount - {{ in_reporting_currency('discount_whole', 'exchange_rate') }}
            as decimal(18, 4)
        ) as shared_discount
    from parted
),

discounted as (
    select
        *,
        cast(
            own_discount
            + {{ share_between('shared_discount', 'part_before', 'part_through', 'part_whole') }}
            as decimal(18, 4)
        ) as discount
    from shared
),

netted as (
    select
        *,
        cast(gross_revenue - discount as decimal(18, 4)) as net_revenue
    from discounted
),

valued as (
    select
        order_item_key,
        source_name,
        order_item_id,
        order_key,
        order_id,
        product_key,
        product_id,
        product_category,
        order_date,
        coalesce(is_revenue, false) as is_revenue,
        currency,
        quantity,
        unit_price,
        unit_cost,
        gross_revenue,
        discount,
        net_revenue,
        cost,
        cast(net_revenue - cost as decimal(18, 4)) as margin,
        part_before,
        part_through,
        part_whole
    from netted
)

select * from valued
