-- A visit counts on the day on which it began, and may go on after midnight: what the next load
-- tells of it, be it an event or the order that names it, changes a day that is not its own.
with base as (
    select max(last_batch_id) as last_batch_id
    from {{ ref('stg_ops__statements') }}
),

sessions as (
    select
        session_key,
        session_date as started_date,
        {{ business_date('ended_at') }} as ended_date
    from {{ ref('int_sessions__sessions_combined') }}
),

visits as (
    select
        'web_events' as raw_table,
        {{ business_date('events.occurred_at') }} as row_date,
        sessions.started_date,
        sessions.ended_date
    from {{ ref('stg_web__events') }} as events
    inner join {{ ref('int_sessions__events_sessionised') }} as sessionised
        on events.event_key = sessionised.event_key
    inner join sessions on sessionised.session_key = sessions.session_key
    where events.batch_id > (select base.last_batch_id from base)

    union all

    select
        'shop_orders' as raw_table,
        {{ business_date('orders.ordered_at') }} as row_date,
        sessions.started_date,
        sessions.ended_date
    from {{ ref('stg_shop__orders') }} as orders
    inner join {{ ref('int_sessions__order_sessions') }} as order_sessions
        on orders.order_key = order_sessions.order_key
    inner join sessions on order_sessions.session_key = sessions.session_key
    where orders.batch_id > (select base.last_batch_id from base)
),

late_visits as (
    {% for day in ['started_date', 'ended_date'] %}
        select
            raw_table,
            {{ day }} as date_day,
            count(*) as late_rows
        from visits
        where
            {{ day }} <> row_date
            {%- if not loop.first %} and ended_date <> started_date{% endif %}
        group by raw_table, {{ day }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    raw_table,
    date_day,
    cast(sum(late_rows) as bigint) as late_rows
from late_visits
group by raw_table, date_day
