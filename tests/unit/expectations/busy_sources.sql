-- The work database from which the busy release could have been made; that is attached as `made`.
create schema raw;
create schema ops;

create table raw.shop_orders as
select
    source_name as _source,
    order_id,
    (total / exchange_rate)::decimal(18, 4) as total
from made.core.fct_orders;

create table raw.shop_order_items as
select
    source_name as _source,
    order_id,
    order_id as order_item_id,
    1::decimal(18, 4) as quantity,
    (gross_revenue / exchange_rate)::decimal(18, 4) as unit_price
from made.core.fct_orders;

create table raw.shop_refunds as
select
    source_name as _source,
    refund_id,
    (refunded / exchange_rate)::decimal(18, 4) as amount
from made.core.fct_refunds;

-- A lead that was deleted where it was kept is not published.
create table raw.crm_leads as
select source_name as _source, lead_id, false as is_deleted from made.core.fct_leads
union all
select 'crm' as _source, 'gone' as lead_id, true as is_deleted;

create table raw.crm_opportunities as
select source_name as _source, opportunity_id, amount, null::boolean as is_won, false as is_deleted
from made.core.fct_opportunities;

create table raw.crm_stages as
select distinct source_name as _source, stage from made.core.fct_opportunities;

create table raw.crm_activities as
select source_name as _source, activity_id from made.core.fct_activities;

create table raw.crm_campaign_members as
select source_name as _source, lead_id from made.core.fct_leads;

-- Each visit begins with a page and fills a cart; its site has two logs, of which one ended long ago.
create table raw.web_events as
select
    'web' as _source,
    'purchase' as event_name,
    ordered_at as occurred_at,
    order_id,
    null::varchar as lead_id
from made.core.fct_orders
union all
select
    logs.source_name as _source,
    names.event_name,
    timestamp '2026-06-30 12:00:00' - to_days(days.day::integer) as occurred_at,
    null as order_id,
    null as lead_id
from (values ('web', 0), ('old_web', 90)) as logs (source_name, ended)
cross join (values ('page_view'), ('add_to_cart'), ('unread')) as names (event_name)
cross join range(120) as days (day)
cross join range(4) as visits (visit)
where
    days.day >= logs.ended
    and (logs.ended = 0 or names.event_name = 'page_view' or days.day >= 100)
    and (names.event_name <> 'unread' or days.day >= 10);

create table raw.support_tickets as
select source_name as _source, ticket_id from made.core.fct_tickets;

create table raw.survey_responses as
select source_name as _source, response_id from made.core.fct_survey_responses;

-- Each ad came twice: first with another cost, then as it is.
create table raw.ads_spend as
select
    source_name as _source,
    spend_date,
    platform,
    account_id,
    campaign_id,
    ad_group_id,
    ad_id,
    reported_spend + version.earlier as spend
from made.core.fct_ad_spend
cross join (values (0), (1)) as version (earlier);

create table ops.ledger as
select
    raw_table as table_name,
    'loaded' as status,
    rows_loaded + 5 as rows_read,
    rows_loaded,
    2::bigint as rows_quarantined,
    3::bigint as rows_repeated
from made.core.source_health;
