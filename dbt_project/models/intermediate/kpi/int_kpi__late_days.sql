-- What was loaded after the release that stands: as much as is new, however much there is. A new
-- version of an order may also change what its refunds take back, on their days. An order's lines
-- have no day but the order's.
with base as (
    select max(last_batch_id) as last_batch_id
    from {{ ref('stg_ops__statements') }}
),

new_rows as (
    {% for table, known in raw_tables().items() if known.counted_on %}
        select
            '{{ table }}' as raw_table,
            {{ known.counted_on }} as date_day,
            count(*) as late_rows
        from {{ ref(known.model) }}
        where batch_id > (select base.last_batch_id from base)
        group by {{ known.counted_on }}

        union all
    {% endfor %}

    select
        'shop_orders' as raw_table,
        refunds_valued.refund_date as date_day,
        count(*) as late_rows
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
        'shop_order_items' as raw_table,
        {{ business_date('orders.ordered_at') }} as date_day,
        count(*) as late_rows
    from {{ ref('stg_shop__order_items') }} as order_items
    inner join {{ ref('stg_shop__orders') }} as orders
        on order_items.order_key = orders.order_key
    where order_items.batch_id > (select base.last_batch_id from base)
    group by {{ business_date('orders.ordered_at') }}
),

late_days as (
    select
        raw_table,
        date_day,
        cast(sum(late_rows) as bigint) as late_rows
    from new_rows
    group by raw_table, date_day
)

select * from late_days
