-- The visit in which an order says that it was placed, whether its site delivers visits or events
-- alone. The shop and the web log are different sources: an id links them while only one site uses
-- it.
with orders as (
    select
        order_key,
        session_id,
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
        known_ids.session_id,
        known_ids.session_key,
        coalesce(
            min(case when sightings.is_given then sightings.visitor_key end),
            min(sightings.visitor_key)
        ) as visitor_key,
        coalesce(
            min(case when sightings.is_given then sightings.login_key end),
            case when count(distinct sightings.login_key) = 1 then min(sightings.login_key) end
        ) as login_key,
        max(case when sightings.consent = 'denied' then 1 else 0 end) = 1 as is_consent_denied
    from known_ids
    inner join sightings on known_ids.session_key = sightings.session_key
    group by known_ids.session_id, known_ids.session_key
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
    inner join sessions on orders.session_id = sessions.session_id
)

select * from order_sessions
