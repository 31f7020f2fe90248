-- A refund takes revenue back on its own day, divided like the order that it is of.
{%- set dimensions = ['country', 'segment', 'channel', 'campaign', 'team', 'rep'] %}
{%- set measures = [
    'order_revenue', 'orders', 'new_customers', 'margin', 'costed_revenue', 'costed_orders',
    'refunded', 'refunds',
] %}
with customers as (
    select
        customer_key,
        country,
        segment
    from {{ ref('int_core__customers') }}
),

order_channels as (
    select
        order_key,
        channel,
        campaign
    from {{ ref('int_attribution__order_channels') }}
),

orders as (
    select
        order_key,
        order_date,
        customer_key,
        country,
        rep_key,
        net_revenue,
        margin,
        is_first_order
    from {{ ref('int_core__orders_valued') }}
    where is_revenue
),

refunds as (
    select
        refunds.refund_date,
        refunds.order_key,
        refunds.customer_key,
        refunds.country,
        orders.rep_key,
        refunds.refunded
    from {{ ref('int_core__refunds_valued') }} as refunds
    left join orders on refunds.order_key = orders.order_key
    where refunds.is_revenue
),

facts as (
    select
        order_date as activity_date,
        order_key,
        customer_key,
        country,
        rep_key,
        net_revenue as order_revenue,
        1 as orders,
        case when is_first_order then 1 else 0 end as new_customers,
        margin,
        case when margin is not null then net_revenue end as costed_revenue,
        case when margin is not null then 1 else 0 end as costed_orders,
        cast(null as decimal(18, 4)) as refunded,
        0 as refunds
    from orders

    union all

    select
        refund_date as activity_date,
        order_key,
        customer_key,
        country,
        rep_key,
        cast(null as decimal(18, 4)) as order_revenue,
        0 as orders,
        0 as new_customers,
        cast(null as decimal(18, 4)) as margin,
        cast(null as decimal(18, 4)) as costed_revenue,
        0 as costed_orders,
        refunded,
        1 as refunds
    from refunds
),

combined as (
    select
        {% for measure in measures %}
            sum(facts.{{ measure }}) as {{ measure }},
        {% endfor %}
        facts.activity_date,
        coalesce(facts.country, customers.country) as country,
        customers.segment,
        coalesce(order_channels.channel, '(unattributed)') as channel,
        coalesce(order_channels.campaign, '(not set)') as campaign,
        facts.rep_key
    from facts
    left join customers on facts.customer_key = customers.customer_key
    left join order_channels on facts.order_key = order_channels.order_key
    group by
        facts.activity_date,
        coalesce(facts.country, customers.country),
        customers.segment,
        coalesce(order_channels.channel, '(unattributed)'),
        coalesce(order_channels.campaign, '(not set)'),
        facts.rep_key
),

placed as (
    select
        {% for measure in measures %}
            combined.{{ measure }},
        {% endfor %}
        combined.activity_date,
        {{ segment_of('combined.country') }} as country,
        {{ segment_of('combined.segment') }} as segment,
        combined.channel,
        combined.campaign,
        {{ segment_of('teams.team') }} as team,
        {{ segment_of('reps.rep') }} as rep
    from combined
    left join {{ ref('int_core__sales_reps') }} as teams
        on {{ rep_as_of('teams', 'combined.rep_key', 'combined.activity_date') }}
    left join {{ ref('int_sales__reps') }} as reps on combined.rep_key = reps.rep_key
),

summed as (
    {{ sums_by_dimension('placed', ['activity_date'], dimensions, measures) }}
),

daily as (
    {{ daily_components('summed', {
        'net_revenue': ['coalesce(order_revenue, 0) - coalesce(refunded, 0)', 'orders + refunds'],
        'order_revenue': ['order_revenue', 'orders'],
        'orders': ['orders', 'orders'],
        'new_customers': ['new_customers', 'new_customers', 'orders'],
        'margin': ['margin', 'costed_orders'],
        'costed_revenue': ['costed_revenue', 'costed_orders'],
        'refunded': ['refunded', 'refunds'],
    }, "'shop_orders'") }}
)

select * from daily
