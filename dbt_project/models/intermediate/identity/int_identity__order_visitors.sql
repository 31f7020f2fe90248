with orders as (
    select
        order_key,
        visitor_key
    from {{ ref('stg_shop__orders') }}
),

reported as (
    select
        order_references.order_key,
        sightings.visitor_key,
        sightings.login_key,
        sightings.email_key,
        sightings.is_denied,
        row_number() over (
            partition by order_references.order_key, sightings.visitor_key is not null
            order by sightings.seen_at nulls last, sightings.sighting_key nulls last
        ) as report_number
    from {{ ref('int_identity__web_sightings') }} as sightings
    inner join {{ ref('int_core__order_references') }} as order_references
        on sightings.order_reference_key = order_references.order_reference_key
),

-- The page of an order may be opened again, elsewhere or by somebody else: the first browser
-- counts, and of several logins or e-mails none, since they would become one person.
purchase_events as (
    select
        order_key,
        max(case when report_number = 1 then visitor_key end) as visitor_key,
        case when count(distinct login_key) = 1 then min(login_key) end as login_key,
        case when count(distinct email_key) = 1 then min(email_key) end as email_key,
        max(case when is_denied then 1 else 0 end) as is_denied
    from reported
    group by order_key
),

order_visitors as (
    select
        orders.order_key,
        coalesce(
            orders.visitor_key, order_sessions.visitor_key, purchase_events.visitor_key
        ) as visitor_key,
        coalesce(purchase_events.login_key, order_sessions.login_key) as login_key,
        purchase_events.email_key,
        coalesce(order_sessions.is_consent_denied, false)
        or coalesce(purchase_events.is_denied, 0) = 1 as is_consent_denied
    from orders
    left join {{ ref('int_sessions__order_sessions') }} as order_sessions
        on orders.order_key = order_sessions.order_key
    left join purchase_events on orders.order_key = purchase_events.order_key
)

select * from order_visitors
