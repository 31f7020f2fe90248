-- A release with four months behind it, as of 2026-07-01 at midnight: what each day has is made by
-- arithmetic, so that days differ a little and no two rows are alike.
create schema core;
create schema kpi;
create schema funnel;

create table core.dim_dates as
select
    day::date as date_day,
    day as starts_at,
    day + interval 1 day as ends_at,
    0::bigint as holiday_countries,
    day < timestamp '2026-07-01' as is_complete
from generate_series(timestamp '2026-01-01', timestamp '2026-07-01', interval 1 day) as t (day);

create table core.busy_rows as
select
    (day_number * 100 + number)::bigint as key,
    date '2026-03-01' + day_number::integer as day,
    date '2026-03-01' + day_number::integer
    + interval 1 minute * (number * 60 + (day_number * 7) % 50) as instant,
    number,
    day_number,
    (20 + (day_number * 13 + number * 7) % 40)::decimal(18, 4) as amount
from range(0, 122) as days (day_number)
cross join range(0, 20) as numbers (number)
-- Weekdays differ in volume.
where number < 14 + day_number % 7;

create table core.fct_orders as
select
    key as order_key,
    'shop' as source_name,
    'O' || key as order_id,
    key as customer_key,
    '1' as rep_id,
    instant as ordered_at,
    day as order_date,
    'FR' as country,
    true as is_revenue,
    'GBP' as currency,
    (1.1 + (day_number // 7) % 5 * 0.01)::decimal(18, 8) as exchange_rate,
    false as is_rate_extrapolated,
    1::bigint as item_count,
    (amount * (1.1 + (day_number // 7) % 5 * 0.01)::decimal(18, 8))::decimal(18, 4) as total,
    (amount * (1.1 + (day_number // 7) % 5 * 0.01)::decimal(18, 8))::decimal(18, 4)
        as gross_revenue,
    0::decimal(18, 4) as discount,
    (amount * (1.1 + (day_number // 7) % 5 * 0.01)::decimal(18, 8))::decimal(18, 4)
        as net_revenue
from core.busy_rows;

create table core.fct_refunds as
select
    order_key as refund_key,
    source_name,
    order_id as refund_id,
    order_key,
    order_id,
    customer_key,
    ordered_at as refunded_at,
    order_date as refund_date,
    currency,
    exchange_rate,
    is_rate_extrapolated,
    net_revenue as refunded
from core.fct_orders
where order_key % 20 = 0;

create table core.fct_ad_spend as
select
    key as ad_spend_key,
    'ads' as source_name,
    day as spend_date,
    'google' as platform,
    'A' as account_id,
    'C' || number as campaign_id,
    'G' as ad_group_id,
    'AD' as ad_id,
    case when number < 10 then 'Paid Search' else 'Display' end as channel,
    (1000 + key % 977)::bigint as impressions,
    (20 + key % 11)::bigint as clicks,
    'EUR' as currency,
    1::decimal(18, 8) as exchange_rate,
    false as is_rate_extrapolated,
    amount as reported_spend,
    amount as spend
from core.busy_rows;

create table core.fct_sessions as
select
    key as session_key,
    'web' as source_name,
    key as visitor_key,
    instant as started_at,
    day as session_date,
    (1 + key % 5)::bigint as event_count,
    true as is_counted,
    case when number < 10 then 'Paid Search' else 'Direct' end as channel
from core.busy_rows;

create table core.fct_leads as
select
    key as lead_key,
    'crm' as source_name,
    'L' || key as lead_id,
    key as customer_key,
    'D' || key as opportunity_id,
    instant as created_at,
    day as created_date,
    'Company ' || key as company,
    'FR' as country,
    'web' as lead_source,
    'Paid Search' as channel,
    1::bigint as owner_rep_key,
    '1' as owner_rep_id
from core.busy_rows;

create table core.fct_opportunities as
select
    key as opportunity_key,
    'crm' as source_name,
    'D' || key as opportunity_id,
    key as lead_key,
    'L' || key as lead_id,
    key as customer_key,
    'Company ' || key as account_name,
    1::bigint as owner_rep_key,
    '1' as owner_rep_id,
    instant as created_at,
    day as created_date,
    'won' as stage,
    true as is_closed,
    'EUR' as currency,
    1::decimal(18, 8) as exchange_rate,
    amount
from core.busy_rows;

create table core.fct_activities as
select
    key as activity_key,
    'crm' as source_name,
    'A' || key as activity_id,
    instant as occurred_at,
    day as activity_date,
    1::bigint as rep_key,
    '1' as rep_id,
    'call' as activity_type,
    key as lead_key,
    'L' || key as lead_id,
    null::bigint as opportunity_key,
    null::varchar as opportunity_id
from core.busy_rows;

create table core.fct_tickets as
select
    key as ticket_key,
    'desk' as source_name,
    'T' || key as ticket_id,
    key as customer_key,
    instant as created_at,
    day as created_date,
    'email' as channel,
    'High' as priority,
    'Ann' as assignee_id,
    'delivery' as topic
from core.busy_rows;

create table core.fct_survey_responses as
select
    key as response_key,
    case when number < 6 then 'nps_tool' else 'desk' end as source_name,
    'S' || key as response_id,
    'csat' as survey,
    instant as sent_at,
    day as sent_date,
    key as customer_key,
    key as ticket_key,
    'T' || key as ticket_id,
    null::bigint as order_key,
    null::varchar as order_id,
    null::bigint as lead_key,
    null::varchar as lead_id
from core.busy_rows;

create table core.fct_order_items as
select source_name, order_id as order_item_id, 'P1' as product_id from core.fct_orders;

create table core.dim_products as select 'P1' as product_id, true as is_listed;

create table core.dim_sales_reps as select '1' as rep_id;

create table core.dim_customers as
select
    key as customer_key,
    key::varchar as customer_id,
    'DE' as country,
    1::bigint as orders,
    true as is_identified
from core.busy_rows;

create table core.dim_business_days as select 'DE' as country;

create table core.source_health as
select
    raw_table,
    (select count(*) from core.busy_rows)::bigint as row_count,
    (select count(*) from core.busy_rows)::bigint as rows_loaded,
    2::bigint as rows_quarantined
from (values ('shop_orders'), ('crm_leads')) as t (raw_table);

create table core.quarantined_rows as
select raw_table, 'shop' as source_name, 'not_a_number' as reason_code, 2::bigint as row_count
from (values ('shop_orders'), ('crm_leads')) as t (raw_table);

create table kpi.kpi_scorecard as
select
    'average_order_value' as kpi_id, 'overall' as dimension, 100::double as value, 120::double as target_value;

create table kpi.kpi_definitions as
select
    'average_order_value' as kpi_id, 'orders' as denominator, true as is_additive, 'currency' as unit;

drop table core.busy_rows;

create table funnel.funnel_conversion as select unnest(['quote', 'landing']) as funnel;
