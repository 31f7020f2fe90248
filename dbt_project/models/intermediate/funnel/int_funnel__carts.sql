-- A cart opens with the first product put into it and lives through the person's next visits, until
-- an order, or until nobody has added anything for the cart's days. It is abandoned when the visit
-- that opened it ends without an order, and recovered by an order within those days.
with visits as (
    select * from {{ ref('int_funnel__cart_owners') }}
),

filled as (
    select
        session_key,
        min(occurred_at) as added_at,
        max(occurred_at) as last_added_at,
        sum(price) as known_value,
        count(*) - count(price) as unpriced_additions
    from {{ ref('int_funnel__cart_additions') }}
    group by session_key
),

cart_visits as (
    select
        visits.owner_key,
        filled.session_key,
        filled.added_at,
        filled.known_value,
        filled.unpriced_additions,
        -- Nobody has left while the pause that ends a visit lasts.
        greatest(visits.ended_at, filled.last_added_at) as left_at
    from filled
    inner join visits on filled.session_key = visits.session_key
),

purchases as (
    select
        visits.owner_key,
        events.occurred_at as purchased_at
    from {{ ref('int_sessions__events_sessionised') }} as events
    inner join visits on events.session_key = visits.session_key
    left join {{ ref('int_sessions__order_reports') }} as reports
        on events.event_key = reports.event_key
    where events.event_name = 'purchase' and coalesce(reports.is_first, true)

    union all

    select
        owner_key,
        ordered_at as purchased_at
    from {{ ref('int_funnel__cart_orders') }}
),

-- An order that names a visit was placed in it, however late it was confirmed.
placed as (
    select
        order_sessions.session_key,
        max(orders.ordered_at) as last_ordered_at
    from {{ ref('int_sessions__order_sessions') }} as order_sessions
    inner join {{ ref('int_funnel__cart_orders') }} as orders
        on order_sessions.order_key = orders.order_key
    group by order_sessions.session_key
),

timeline as (
    select
        owner_key,
        session_key,
        added_at as happened_at,
        0 as is_purchase
    from cart_visits

    union all

    select
        owner_key,
        cast(null as bigint) as session_key,
        purchased_at as happened_at,
        1 as is_purchase
    from purchases
),

surrounded as (
    select
        owner_key,
        session_key,
        is_purchase,
        max(case when is_purchase = 1 then happened_at end) over (
            partition by owner_key
            order by happened_at nulls last, is_purchase nulls last, session_key nulls last
            rows between unbounded preceding and current row
        ) as previous_purchase_at,
        min(case when is_purchase = 1 then happened_at end) over (
            partition by owner_key
            order by happened_at nulls last, is_purchase nulls last, session_key nulls last
            rows between current row and unbounded following
        ) as next_purchase_at
    from timeline
),

followed as (
    select
        cart_visits.*,
        surrounded.previous_purchase_at,
        surrounded.next_purchase_at,
        lag(cart_visits.added_at) over (
            partition by cart_visits.owner_key
            order by cart_visits.added_at nulls last, cart_visits.session_key nulls last
        ) as previous_added_at,
        lag(cart_visits.left_at) over (
            partition by cart_visits.owner_key
            order by cart_visits.added_at nulls last, cart_visits.session_key nulls last
        ) as previous_left_at
    from cart_visits
    inner join surrounded
        on
            cart_visits.session_key = surrounded.session_key
            and surrounded.is_purchase = 0
),

opened as (
    select
        *,
        case
            when
                previous_added_at is null
                or previous_purchase_at >= previous_added_at
                or {{ seconds_between('previous_left_at', 'added_at') }}
                > {{ var('cart_window_days') }} * 86400
                then 1
            else 0
        end as is_opening
    from followed
),

numbered as (
    select
        *,
        sum(is_opening) over (
            partition by owner_key
            order by added_at nulls last, session_key nulls last
            rows between unbounded preceding and current row
        ) as cart_number
    from opened
),

grouped as (
    select
        owner_key,
        cart_number,
        max(case when is_opening = 1 then session_key end) as session_key,
        min(added_at) as opened_at,
        max(case when is_opening = 1 then left_at end) as first_left_at,
        max(left_at) as last_left_at,
        case when sum(unpriced_additions) = 0 then sum(known_value) end as cart_value,
        min(next_purchase_at) as next_purchase_at
    from numbered
    group by owner_key, cart_number
),

ended as (
    select
        session_key as cart_key,
        session_key,
        owner_key,
        opened_at,
        {{ counted_date(business_date('opened_at')) }} as opened_date,
        first_left_at,
        last_left_at,
        cast(cart_value as decimal(18, 4)) as cart_value,
        case
            when
                {{ seconds_between('last_left_at', 'next_purchase_at') }}
                <= {{ var('cart_window_days') }} * 86400
                then next_purchase_at
        end as purchased_at
    from grouped
),

-- Nobody has left before an order of the opening visit.
paused as (
    select
        ended.*,
        case
            when ended.purchased_at is null then null
            when placed.last_ordered_at >= ended.opened_at then 0
            else {{ seconds_between('ended.first_left_at', 'ended.purchased_at') }}
        end as seconds_to_order
    from ended
    left join placed on ended.session_key = placed.session_key
),

known as (
    {{ known_until(['shop_orders', 'web_events']) }}
),

-- What has not been delivered yet may have ended a cart.
judged as (
    select
        paused.*,
        case
            when paused.seconds_to_order <= {{ var('session_timeout_minutes') }} * 60
                then 'ordered'
            when paused.purchased_at is not null then 'recovered'
            when
                {{ seconds_between('paused.last_left_at', told_at('known.known_until')) }}
                <= {{ var('cart_window_days') }} * 86400
                then 'open'
            else 'lost'
        end as outcome,
        case
            when paused.seconds_to_order > {{ var('session_timeout_minutes') }} * 60
                then cast(paused.seconds_to_order as double) / 3600
        end as hours_to_recovery
    from paused
    cross join known
)

select * from judged
