with visitor_events as (
    select
        visitor_key,
        min(occurred_at) as seen_at
    from {{ ref('stg_web__events') }}
    where visitor_key is not null
    group by visitor_key
),

identified_events as (
    select
        login_key,
        email_key,
        min(occurred_at) as seen_at
    from {{ ref('stg_web__events') }}
    where consent <> 'denied' and (login_key is not null or email_key is not null)
    group by login_key, email_key
),

sessions as (
    select
        visitor_key,
        case when consent <> 'denied' then login_key end as login_key,
        min(started_at) as seen_at
    from {{ ref('stg_web__sessions') }}
    group by visitor_key, case when consent <> 'denied' then login_key end
),

customers as (
    select
        customer_key,
        email_key,
        login_key,
        visitor_key,
        created_at as seen_at
    from {{ ref('stg_shop__customers') }}
),

orders as (
    select
        order_visitors.visitor_key,
        orders.customer_key,
        min(orders.ordered_at) as seen_at
    from {{ ref('stg_shop__orders') }} as orders
    inner join {{ ref('int_identity__order_visitors') }} as order_visitors
        on orders.order_key = order_visitors.order_key
    group by order_visitors.visitor_key, orders.customer_key
),

leads as (
    select
        lead_key,
        email_key,
        visitor_key,
        created_at as seen_at
    from {{ ref('stg_crm__leads') }}
),

-- A customer whom only a reference names was seen at no time that is known.
references_to_customers as (
    select
        customer_key,
        cast(null as timestamp) as seen_at
    from {{ ref('int_identity__customer_references') }}
),

sightings as (
    {% for kind, tables in {
        'visitor': ['visitor_events', 'sessions', 'customers', 'orders', 'leads'],
        'login': ['identified_events', 'sessions', 'customers'],
        'email': ['identified_events', 'customers', 'leads'],
        'customer': ['customers', 'orders', 'references_to_customers'],
        'lead': ['leads'],
    }.items() -%}
        {% set is_last_kind = loop.last -%}
        {% for table in tables -%}
            select
                '{{ kind }}' as kind,
                {{ kind }}_key as entity_key,
                seen_at
            from {{ table }}
            {% if not (is_last_kind and loop.last) -%}
                union all
            {% endif %}
        {%- endfor %}
    {%- endfor %}
),

seen as (
    select
        kind,
        entity_key,
        min(seen_at) as first_seen_at
    from sightings
    where entity_key is not null
    group by kind, entity_key
),

identifiers as (
    select
        {{ integer_key(['kind', 'entity_key']) }} as identifier_key,
        kind,
        entity_key,
        first_seen_at
    from seen
)

select * from identifiers
