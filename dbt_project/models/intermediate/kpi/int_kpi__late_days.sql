-- What was loaded after the release that stands, or that it counted on a day on which it no longer
-- is, since it was corrected or deleted. A new version of an order may also change what its refunds
-- take back, on their days; and a new cost of a product what was earned when it was sold.
with base as (
    select max(last_batch_id) as last_batch_id
    from {{ ref('stg_ops__statements') }}
),

changes as (
    select
        loaded.raw_table,
        loaded.date_day,
        loaded.from_day,
        case when loaded.batch_id > base.last_batch_id then loaded.row_count else 0 end
            as new_rows,
        case when loaded.batch_id <= base.last_batch_id then loaded.row_count else 0 end
            as known_rows,
        0 as stated_rows
    from {{ ref('int_kpi__loaded_days') }} as loaded
    cross join base

    union all

    select
        raw_table,
        date_day,
        from_day,
        0 as new_rows,
        0 as known_rows,
        row_count as stated_rows
    from {{ ref('stg_ops__stated_days') }}

    union all

    select
        'shop_orders' as raw_table,
        refunds_valued.refund_date as date_day,
        refunds_valued.refund_date as from_day,
        count(*) as new_rows,
        0 as known_rows,
        0 as stated_rows
    from {{ ref('stg_shop__refunds') }} as refunds
    inner join {{ ref('int_core__refunds_valued') }} as refunds_valued
        on refunds.refund_key = refunds_valued.refund_key
    inner join {{ ref('stg_shop__orders') }} as orders
        on refunds_valued.order_key = orders.order_key
    where
        orders.batch_id > (select base.last_batch_id from base)
        and refunds.batch_id <= (select base.last_batch_id from base)
    group by refunds_valued.refund_date

    union all

    select
        'shop_products' as raw_table,
        costed.order_date as date_day,
        costed.order_date as from_day,
        count(*) as new_rows,
        0 as known_rows,
        0 as stated_rows
    from {{ ref('stg_shop__products') }} as products
    inner join {{ ref('int_core__order_items_costed') }} as costed
        on products.product_key = costed.product_key
    inner join {{ ref('stg_shop__order_items') }} as order_items
        on costed.order_item_key = order_items.order_item_key
    where
        products.batch_id > (select base.last_batch_id from base)
        and order_items.unit_cost is null
    group by costed.order_date

    union all

    select
        raw_table,
        date_day,
        date_day as from_day,
        late_rows as new_rows,
        0 as known_rows,
        0 as stated_rows
    from {{ ref('int_kpi__late_visits') }}
),

summed as (
    select
        raw_table,
        date_day,
        from_day,
        sum(new_rows) as new_rows,
        sum(known_rows) as known_rows,
        sum(stated_rows) as stated_rows,
        sum(sum(stated_rows)) over (partition by raw_table) > 0 as is_stated
    from changes
    group by raw_table, date_day, from_day
),

-- A row that came anew for its own day is one, not one that went and one that came.
late_days as (
    select
        raw_table,
        date_day,
        from_day,
        cast(
            case
                when is_stated
                    then
                        greatest(
                            new_rows,
                            stated_rows - known_rows,
                            new_rows + known_rows - stated_rows
                        )
                else new_rows
            end as bigint
        ) as late_rows
    from summed
)

select * from late_days
where late_rows > 0
