with web_visitors as (
    select
        visitor_key,
        min(seen_at) as seen_at
    from {{ ref('int_identity__web_sightings') }}
    where visitor_key is not null
    group by visitor_key
),

web_people as (
    select
        login_key,
        email_key,
        min(seen_at) as seen_at
    from {{ ref('int_identity__web_sightings') }}
    where not is_denied and (login_key is not null or email_key is not null)
    group by login_key, email_key
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
        'visitor': ['web_visitors', 'customers', 'orders', 'leads'],
        'login': ['web_people', 'customers'],
        'email': ['web_people', 'customers', 'leads'],
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
