-- The days of each row. An order's lines have no day but the order's. A deal stands in the pipeline
-- since its creation, and what it closed by may be its stages.
with stages as (
    select
        opportunity_key,
        max(batch_id) as batch_id
    from {{ ref('stg_crm__opportunity_stages') }}
    group by opportunity_key
),

dated as (
    {% for table, known in raw_tables().items() if known.counted_on %}
        select
            '{{ table }}' as raw_table,
            {{ known.counted_on }} as date_day,
            {{ known.counted_on }} as from_day,
            batch_id
        from {{ ref(known.model) }}

        union all
    {% endfor %}

    select
        'crm_opportunities' as raw_table,
        valued.closed_date as date_day,
        valued.created_date as from_day,
        greatest(opportunities.batch_id, coalesce(stages.batch_id, 0)) as batch_id
    from {{ ref('int_core__opportunities_valued') }} as valued
    inner join {{ ref('stg_crm__opportunities') }} as opportunities
        on valued.opportunity_key = opportunities.opportunity_key
    left join stages on valued.opportunity_key = stages.opportunity_key

    union all

    select
        'shop_order_items' as raw_table,
        {{ business_date('orders.ordered_at') }} as date_day,
        {{ business_date('orders.ordered_at') }} as from_day,
        order_items.batch_id
    from {{ ref('stg_shop__order_items') }} as order_items
    inner join {{ ref('stg_shop__orders') }} as orders
        on order_items.order_key = orders.order_key
),

counted as (
    select
        raw_table,
        date_day,
        from_day,
        batch_id,
        count(*) as row_count
    from dated
    group by raw_table, date_day, from_day, batch_id
)

select * from counted
