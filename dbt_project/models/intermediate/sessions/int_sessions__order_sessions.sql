-- The visit in which an order says that it was placed, whether its site delivers visits or events
-- alone: that of its own source, else the only one of that id, since shops and web logs are mostly
-- different sources.
with orders as (
    select
        order_key,
        session_id,
        {{ integer_key(["'session'", 'source_name', 'session_id']) }} as own_session_key,
        {{ is_revenue('status') }} as is_sale
    from {{ ref('stg_shop__orders') }}
    where session_id is not null
),

sightings as (
    select
        session_id,
        session_key,
        visitor_key,
        login_key,
        consent,
        true as is_given
    from {{ ref('stg_web__sessions') }}
    where session_id in (select orders.session_id from orders)

    union all

    select
        session_id,
        session_key,
        visitor_key,
        login_key,
        consent,
        false as is_given
    from {{ ref('stg_web__events') }}
    where session_id in (select orders.session_id from orders)
),

-- An id of delivered visits means these, whatever else has it.
known_ids as (
    select
        session_id,
        coalesce(min(case when is_given then session_key end), min(session_key)) as session_key
    from sightings
    group by session_id
    having
        coalesce(
            nullif(count(distinct case when is_given then session_key end), 0),
            count(distinct session_key)
        ) = 1
),

-- What a site says of its visit wins over what its events say. Where several log in, as on a
-- family's computer, nobody knows who ordered.
sessions as (
    select
        session_key,
        coalesce(
            min(case when is_given then visitor_key end),
            min(visitor_key)
        ) as visitor_key,
        coalesce(
            min(case when is_given then login_key end),
            case when count(distinct login_key) = 1 then min(login_key) end
        ) as login_key,
        max(case when consent = 'denied' then 1 else 0 end) = 1 as is_consent_denied
    from sightings
    group by session_key
),

order_sessions as (
    select
        orders.order_key,
        orders.is_sale,
        sessions.session_key,
        sessions.visitor_key,
        sessions.login_key,
        sessions.is_consent_denied
    from orders
    left join sessions as own_sessions on orders.own_session_key = own_sessions.session_key
    left join known_ids on orders.session_id = known_ids.session_id
    inner join sessions
        on coalesce(own_sessions.session_key, known_ids.session_key) = sessions.session_key
)

select * from order_sessions
