with orders as (
    select
        order_key,
        source_name,
        order_id,
        customer_id,
        ordered_at,
        {{ counted_date(business_date('ordered_at')) }} as order_date,
        status,
        currency,
        country,
        coupon,
        rep_key as rep_reference_key,
        rep_id,
        session_id,
        total as total_amount,
        coalesce(discount, 0) as discount_amount,
        coalesce(tax, 0) as tax_amount,
        coalesce(shipping, 0) as shipping_amount,
        updated_at
    from {{ ref('stg_shop__orders') }}
),

item_totals as (
    select
        order_key,
        item_count,
        gross_amount,
        discount_amount,
        cost
    from {{ ref('int_core__order_totals') }}
),

rates as (
    select
        currency,
        rate_date,
        rate,
        is_extrapolated
    from {{ ref('int_core__exchange_rates') }}
),

rep_references as (
    select
        rep_reference_key,
        rep_key
    from {{ ref('int_core__rep_references') }}
),

people as (
    select
        order_key,
        customer_key,
        visitor_key,
        person_key,
        is_consent_denied
    from {{ ref('int_identity__orders') }}
),

-- Goods at list price come from the items; without items, from the total.
amounts as (
    select
        orders.*,
        coalesce(item_totals.item_count, 0) as item_count,
        coalesce(
            item_totals.gross_amount,
            orders.total_amount
            - orders.tax_amount
            - orders.shipping_amount
            + orders.discount_amount
        ) as gross_amount,
        orders.discount_amount + coalesce(item_totals.discount_amount, 0)
            as total_discount_amount,
        item_totals.cost
    from orders
    left join item_totals on orders.order_key = item_totals.order_key
),

converted as (
    select
        amounts.*,
        {{ in_reporting_currency('amounts.gross_amount', 'rates.rate') }} as gross_revenue,
        {{ in_reporting_currency('amounts.total_discount_amount', 'rates.rate') }} as discount,
        {{ in_reporting_currency('amounts.total_amount', 'rates.rate') }} as total,
        {{ in_reporting_currency('amounts.tax_amount', 'rates.rate') }} as tax,
        {{ in_reporting_currency('amounts.shipping_amount', 'rates.rate') }} as shipping,
        rates.rate as exchange_rate,
        rates.is_extrapolated as is_rate_extrapolated
    from amounts
    left join rates
        on amounts.currency = rates.currency and amounts.order_date = rates.rate_date
),

valued as (
    select
        converted.order_key,
        converted.source_name,
        converted.order_id,
        converted.customer_id,
        people.customer_key,
        people.visitor_key,
        people.person_key,
        coalesce(people.is_consent_denied, false) as is_consent_denied,
        converted.ordered_at,
        converted.order_date,
        converted.status,
        {{ is_revenue('converted.status') }} as is_revenue,
        converted.currency,
        converted.exchange_rate,
        coalesce(converted.is_rate_extrapolated, true) as is_rate_extrapolated,
        converted.country,
        converted.coupon,
        coalesce(rep_references.rep_key, converted.rep_reference_key) as rep_key,
        converted.rep_id,
        converted.session_id,
        converted.updated_at,
        converted.total,
        converted.item_count,
        converted.gross_revenue,
        converted.discount,
        cast(converted.gross_revenue - converted.discount as decimal(18, 4)) as net_revenue,
        converted.tax,
        converted.shipping,
        converted.cost,
        cast(converted.gross_revenue - converted.discount - converted.cost as decimal(18, 4))
            as margin
    from converted
    left join rep_references
        on converted.rep_reference_key = rep_references.rep_reference_key
    left join people on converted.order_key = people.order_key
),

-- A customer's first order is the first that counts as revenue; of one instant, as where orders are
-- told by day alone, the one with the lower number: 9 before 10.
numbered as (
    select
        order_key,
        row_number() over (
            partition by customer_key
            order by
                ordered_at nulls last,
                length(order_id) nulls last,
                order_id nulls last,
                order_key nulls last
        ) as order_number
    from valued
    where is_revenue and customer_key is not null
),

with_first as (
    select
        valued.*,
        numbered.order_number,
        coalesce(numbered.order_number = 1, false) as is_first_order
    from valued
    left join numbered on valued.order_key = numbered.order_key
)

select * from with_first
