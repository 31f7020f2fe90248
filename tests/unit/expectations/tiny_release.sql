create schema core;
create schema funnel;
create schema attribution;
create schema kpi;

create table core.dim_channels as
select * from (values
    ('Direct', 'Direct', false),
    ('Email', 'Owned', false),
    ('Paid Search', 'Paid', true)
) as t (channel, channel_group, is_paid);

create table core.dim_customers as
select
    customer_key::bigint as customer_key,
    customer_id,
    first_order_at::timestamp as first_order_at,
    case when orders > 0 then 'Paid Search' else '(unknown)' end as first_touch_channel,
    case when orders > 0 then 'Email' else '(unknown)' end as acquisition_channel,
    country,
    '(unknown)' as segment,
    lifetime_revenue::decimal(18, 4) as lifetime_revenue,
    orders::bigint as orders,
    case when orders > 0 then 'new' else 'no_order' end as rfm_segment,
    true as is_identified
from (values
    (1, 'C1', '2026-05-04 10:00', 'FR', 90, 1),
    (2, 'C2', '2026-05-20 10:00', 'DE', 40, 1),
    (3, 'C3', null, 'FR', 0, 0)
) as t (customer_key, customer_id, first_order_at, country, lifetime_revenue, orders);

create table core.fct_orders as
select
    order_key::bigint as order_key,
    'shop' as source_name,
    order_id,
    customer_key::bigint as customer_key,
    customer_key::bigint as person_key,
    ordered_at::timestamp as ordered_at,
    ordered_at::date as order_date,
    status,
    status = 'completed' as is_revenue,
    'EUR' as currency,
    1::decimal(18, 8) as exchange_rate,
    null::bigint as rep_key,
    gross::decimal(18, 4) as gross_revenue,
    discount::decimal(18, 4) as discount,
    (gross - discount)::decimal(18, 4) as net_revenue,
    (gross - discount + 5)::decimal(18, 4) as total,
    1::bigint as item_count,
    2::decimal(18, 4) as tax,
    3::decimal(18, 4) as shipping,
    refunded::decimal(18, 4) as refunded,
    (gross - discount - 50)::decimal(18, 4) as margin,
    is_first_order,
    channel
from (values
    (11, 'O1', 1, '2026-05-04 10:00', 'completed', 110, 10, 10, true, 'Paid Search'),
    (12, 'O2', 2, '2026-05-20 10:00', 'completed', 40, 0, 0, true, '(unattributed)'),
    (13, 'O3', 2, '2026-06-01 10:00', 'cancelled', 70, 0, 0, false, null)
) as t (
    order_key, order_id, customer_key, ordered_at, status, gross, discount, refunded,
    is_first_order, channel
);

create table core.fct_order_items as
select
    order_key + 60 as order_item_key,
    'L' || order_key as order_item_id,
    order_key,
    order_id,
    81::bigint as product_key,
    'P1' as product_id,
    'Seats' as product_category,
    order_date,
    is_revenue,
    1::decimal(18, 4) as quantity,
    gross_revenue,
    discount,
    net_revenue,
    refunded,
    margin
from core.fct_orders;

create table core.fct_refunds as
select
    21::bigint as refund_key,
    'R1' as refund_id,
    11::bigint as order_key,
    1::bigint as customer_key,
    '2026-06-02 09:00'::timestamp as refunded_at,
    '2026-06-02'::date as refund_date,
    true as is_revenue,
    10::decimal(18, 4) as refunded;

create table core.fct_refund_items as
select
    refund_key,
    order_key + 60 as order_item_key,
    order_key,
    81::bigint as product_key,
    'Seats' as product_category,
    refund_date,
    is_revenue,
    refunded
from core.fct_refunds;

create table core.identity_keys as
select
    identifier_key::bigint as identifier_key,
    person_key::bigint as person_key,
    kind,
    identifier_key = person_key as is_current,
    '2026-05-01 09:00'::timestamp as first_seen_at,
    merged_on::date as merged_on
from (values
    (91, 91, 'visitor', null),
    (92, 91, 'email', '2026-05-04'),
    (93, 93, 'email', null)
) as t (identifier_key, person_key, kind, merged_on);

create table core.identity_conflicts as
select
    92::bigint as identifier_key,
    'email' as kind,
    91::bigint as person_key,
    2::bigint as claimants,
    'merged' as resolution;

create table core.fct_sessions as
select
    session_key::bigint as session_key,
    started_at::timestamp as started_at,
    started_at::date as session_date,
    channel,
    '(not set)' as campaign,
    'desktop' as device_type,
    'FR' as country,
    false as is_bot,
    false as is_long,
    true as is_counted,
    channel as last_non_direct_channel
from (values
    (31, '2026-05-04 09:00', 'Paid Search'),
    (32, '2026-05-04 09:30', 'Email'),
    (33, '2026-06-01 09:00', 'Direct')
) as t (session_key, started_at, channel);

create table core.fct_leads as
select
    41::bigint as lead_key,
    'crm' as source_name,
    'L1' as lead_id,
    '2026-05-05 08:00'::timestamp as created_at,
    '2026-05-05'::date as created_date,
    'Email' as channel,
    false as is_converted;

create table core.fct_ad_spend as
select
    51::bigint as ad_spend_key,
    '2026-05-04'::date as spend_date,
    'google_ads' as source_name,
    'google' as platform,
    'A1' as account_id,
    '1' as campaign_id,
    'G1' as ad_group_id,
    'AD1' as ad_id,
    'ad' as grain,
    'EUR' as currency,
    25::decimal(18, 4) as reported_spend,
    'Paid Search' as channel,
    'Brand' as campaign,
    1000::bigint as impressions,
    20::bigint as clicks,
    25::decimal(18, 4) as spend;

create table core.dim_sales_reps as
select
    rep_period_key::bigint as rep_period_key,
    1::bigint as rep_key,
    'REP1' as rep_id,
    team,
    valid_from::date as valid_from,
    valid_to::date as valid_to,
    valid_to is null as is_current,
    false as is_shortened
from (values
    (61, 'North', '2026-01-01', '2026-04-30'),
    (62, 'South', '2026-05-01', null)
) as t (rep_period_key, team, valid_from, valid_to);

create table core.fct_lead_history as
select
    41::bigint as lead_key,
    change_number::bigint as change_number,
    valid_from::timestamp as valid_from,
    valid_to::timestamp as valid_to,
    valid_to is null as is_current,
    status
from (values
    (1, '2026-05-05 08:00', '2026-05-06 08:00', 'new'),
    (2, '2026-05-06 08:00', null, 'converted')
) as t (change_number, valid_from, valid_to, status);

create table core.fct_opportunity_history as
select
    71::bigint as opportunity_key,
    change_number::bigint as change_number,
    valid_from::timestamp as valid_from,
    valid_to::timestamp as valid_to,
    valid_to is null as is_current,
    stage
from (values
    (1, '2026-05-06 08:00', '2026-05-26 08:00', 'offer'),
    (2, '2026-05-26 08:00', null, 'won')
) as t (change_number, valid_from, valid_to, stage);

create table core.fct_opportunities as
select
    71::bigint as opportunity_key,
    'crm' as source_name,
    'D1' as opportunity_id,
    41::bigint as lead_key,
    'L1' as lead_id,
    3::bigint as customer_key,
    3::bigint as person_key,
    'South' as team,
    '2026-05-06 08:00'::timestamp as created_at,
    '2026-05-06'::date as created_date,
    'won' as stage,
    true as is_closed,
    true as is_won,
    '2026-05-26 08:00'::timestamp as closed_at,
    '2026-05-26'::date as closed_date,
    20::double as cycle_days,
    'EUR' as currency,
    1::decimal(18, 8) as exchange_rate,
    500::decimal(18, 4) as amount;

create table core.dim_dates as
select
    day::date as date_day,
    isoyear(day)::bigint as iso_year,
    week(day)::bigint as iso_week,
    date_trunc('month', day)::date as month_start,
    date_trunc('quarter', day)::date as quarter_start,
    date_trunc('year', day)::date as year_start,
    day as starts_at,
    day + interval 1 day as ends_at,
    24::double as hours_in_day,
    isodow(day) <= 5 as is_business_day
from generate_series('2026-05-04'::timestamp, '2026-06-30'::timestamp, interval 1 day) as t (day);

create table core.dim_business_days as
select
    'FR' as country,
    '2026-05-08'::date as date_day,
    true as is_holiday,
    false as is_business_day;

create table core.dim_products as
select
    81::bigint as product_key,
    'P1' as product_id,
    'Chair' as name,
    'Seats' as category,
    50::decimal(18, 4) as unit_cost,
    true as is_listed,
    '2026-05-04'::date as first_sold_on,
    '2026-05-20'::date as last_sold_on,
    2::bigint as orders,
    2::decimal(18, 4) as units_sold;

create table core.dim_campaigns as
select
    campaign,
    channel,
    platform,
    '2026-05-04'::date as first_seen_on,
    '2026-05-05'::date as last_seen_on,
    spend::decimal(18, 4) as spend,
    0::decimal(18, 4) as response_cost
from (values
    ('Brand', 'Paid Search', 'google', 25),
    ('(not set)', 'Email', '(none)', 0)
) as t (campaign, channel, platform, spend);

create table core.fct_activities as
select
    91::bigint as activity_key,
    'A1' as activity_id,
    '2026-05-06 09:00'::timestamp as occurred_at,
    '2026-05-06'::date as activity_date,
    1::bigint as rep_key,
    'South' as team,
    'call' as activity_type,
    20::decimal(18, 4) as duration_minutes;

create table core.fct_tickets as
select
    101::bigint as ticket_key,
    'T1' as ticket_id,
    1::bigint as customer_key,
    '2026-05-06 09:00'::timestamp as created_at,
    '2026-05-06'::date as created_date,
    'email' as channel,
    'high' as priority,
    '2026-05-06 10:00'::timestamp as first_replied_at,
    '2026-05-06 12:00'::timestamp as solved_at,
    1::double as first_response_hours,
    3::double as resolution_hours;

create table core.fct_survey_responses as
select
    111::bigint as response_key,
    'S1' as response_id,
    'csat' as survey,
    '2026-05-07 09:00'::timestamp as sent_at,
    '2026-05-07'::date as sent_date,
    '2026-05-07 10:00'::timestamp as answered_at,
    1::bigint as customer_key,
    101::bigint as ticket_key,
    true as is_answered,
    4::decimal(18, 4) as score,
    0.75::double as normalised_score,
    'satisfied' as score_category;

create table core.source_health as
select
    'shop_orders' as raw_table,
    3::bigint as row_count,
    '2026-06-01 10:00'::timestamp as last_row_at,
    '2026-06-02'::timestamp as last_load_at,
    3::bigint as rows_loaded,
    0::bigint as rows_quarantined,
    0::bigint as rows_repeated,
    0::bigint as files_refused,
    0::bigint as rows_quarantined_recently,
    0::bigint as files_refused_recently,
    'fresh' as freshness,
    null::varchar as silent_source;

create table core.quarantined_rows as
select
    'shop_orders' as raw_table,
    'shop' as source_name,
    'not_a_number' as reason_code,
    2::bigint as row_count;

create table funnel.funnel_conversion as
select
    'purchase' as funnel,
    'month' as period_grain,
    '2026-05-01'::date as period_start,
    'overall' as dimension,
    'all' as segment,
    step_number::bigint as step_number,
    step,
    2::bigint as cohort_size,
    entered::bigint as entered,
    converted::bigint as converted,
    0::bigint as open,
    dropped::bigint as dropped,
    0::bigint as skipped,
    step_rate::double as step_rate,
    overall_rate::double as overall_rate,
    true as is_mature
from (values
    (1, 'session_start', 2, 1, 1, 0.5, 1.0),
    (2, 'purchase', 1, 1, 0, 1.0, 0.5)
) as t (step_number, step, entered, converted, dropped, step_rate, overall_rate);

create table funnel.funnel_friction as
select
    'purchase' as funnel,
    'week' as period_grain,
    '2026-05-04'::date as period_start,
    dimension,
    segment,
    1::bigint as step_number,
    'session_start' as step,
    100::bigint as reached,
    40::bigint as passed,
    60::bigint as lost,
    0.4::double as pass_rate,
    0.5::double as expected_pass_rate,
    10::double as lost_beyond_expected,
    2::double as lost_beyond_expected_low,
    20::double as lost_beyond_expected_high,
    true as is_friction,
    case dimension when 'device' then 1 end::bigint as friction_rank,
    true as is_worst,
    500::decimal(18, 4) as revenue_at_stake
from (values ('overall', 'all'), ('device', 'desktop')) as t (dimension, segment);

create table funnel.cart_abandonment as
select
    'month' as period_grain,
    '2026-05-01'::date as period_start,
    true as is_mature,
    dimension,
    segment,
    carts::bigint as carts,
    (carts - abandoned)::bigint as ordered,
    abandoned::bigint as abandoned,
    recovered::bigint as recovered,
    0::bigint as open,
    (abandoned - recovered)::bigint as lost,
    (abandoned / carts)::double as abandonment_rate,
    (recovered / nullif(abandoned, 0))::double as recovery_rate,
    'cart' as last_step,
    '/cart' as last_page,
    0::bigint as unpriced_carts,
    0::bigint as unpriced_abandoned,
    (carts * 50)::decimal(18, 4) as value_carts,
    (abandoned * 50)::decimal(18, 4) as value_abandoned,
    (recovered * 50)::decimal(18, 4) as value_recovered,
    (recovered * 40)::decimal(18, 4) as recovered_revenue,
    case when recovered > 0 then 5 end::double as median_hours_to_recovery,
    case when recovered > 0 then 9 end::double as p90_hours_to_recovery
from (values
    ('overall', 'all', 3, 2, 1),
    ('channel', 'Email', 1, 0, 0),
    ('channel', 'Paid Search', 2, 2, 1)
) as t (dimension, segment, carts, abandoned, recovered);

create table funnel.page_engagement as
select
    period_grain,
    period_start::date as period_start,
    page,
    views::bigint as views,
    2::bigint as sessions,
    2::bigint as people,
    2::bigint as timed_views,
    30::double as median_seconds_on_page,
    60::double as p90_seconds_on_page,
    entries::bigint as entries,
    exits::bigint as exits,
    (exits / views)::double as exit_rate,
    1::bigint as converted_sessions,
    0.5::double as conversion_rate
from (values ('/', 2, 2, 0), ('/product/*', 4, 0, 2)) as t (page, views, entries, exits)
cross join (values ('day', '2026-05-04'), ('month', '2026-05-01')) as p (period_grain, period_start);

create table funnel.lead_sources as
select
    'month' as period_grain,
    '2026-05-01'::date as period_start,
    true as is_mature,
    level,
    channel,
    campaign,
    leads::bigint as leads,
    leads::bigint as mql,
    leads::bigint as sql,
    0::bigint as bant_qualified,
    0::double as bant_rate,
    leads::bigint as opportunities,
    leads::bigint as won,
    leads::bigint as customers,
    case when leads > 0 then 1 end::double as mql_rate,
    case when leads > 0 then 1 end::double as sql_rate,
    case when leads > 0 then 1 end::double as opportunity_rate,
    case when leads > 0 then 1 end::double as win_rate,
    21::double as median_days_to_win,
    (leads * 500)::decimal(18, 4) as revenue,
    spend::decimal(18, 4) as spend,
    null::decimal(18, 4) as other_costs,
    spend::decimal(18, 4) as total_costs,
    (spend / nullif(leads, 0))::double as cost_per_lead,
    (spend / nullif(leads, 0))::double as cost_per_mql,
    (spend / nullif(leads, 0))::double as cost_per_customer,
    (spend / nullif(leads, 0))::double as total_cost_per_lead,
    (spend / nullif(leads, 0))::double as total_cost_per_mql,
    (spend / nullif(leads, 0))::double as total_cost_per_customer,
    leads::bigint as comparable,
    0::bigint as agreed,
    case when leads > 0 then 0 end::double as agreement_rate
from (values
    ('overall', 'all', 'all', 1, 25),
    ('channel', 'Email', 'all', 1, null),
    ('channel', 'Paid Search', 'all', 0, 25),
    ('campaign', 'Email', '(not set)', 1, null),
    ('campaign', 'Paid Search', 'brand', 0, 25)
) as t (level, channel, campaign, leads, spend);

create table attribution.conversion_paths as
select
    order_key as conversion_key,
    order_id as conversion_id,
    'order' as conversion_type,
    ordered_at as converted_at,
    order_date as converted_date,
    net_revenue as revenue,
    case order_key when 11 then 2 else 0 end::bigint as touches,
    case order_key when 11 then 2 else 0 end::bigint as path_length,
    case order_key when 11 then '2026-05-04 09:00'::timestamp end as first_touched_at,
    case order_key when 11 then 1 / 24 end::double as days_to_convert,
    case order_key when 11 then 'Paid Search' end as first_channel,
    case order_key when 11 then 'Email' end as last_channel,
    null::date as reversed_date
from core.fct_orders
where is_revenue
union all
select
    171,
    opportunity_id,
    'opportunity',
    closed_at,
    closed_date,
    amount,
    0,
    0,
    null,
    null,
    null,
    null,
    null
from core.fct_opportunities;

create table attribution.attributed_touches as
select
    conversion_key::bigint as conversion_key,
    conversion_id,
    case conversion_key when 171 then 'opportunity' else 'order' end as conversion_type,
    (case conversion_key when 11 then '2026-05-04' else '2026-05-20' end)::date as converted_date,
    touch_id::bigint as touch_id,
    position::bigint as position,
    path_length::bigint as path_length,
    channel,
    '(not set)' as campaign,
    model,
    credit::decimal(12, 9) as credit,
    revenue::decimal(18, 4) as attributed_revenue,
    (revenue / 2)::decimal(18, 4) as attributed_margin
from (values
    (11, 'O1', 31, 1, 2, 'Paid Search', 'first_touch', 1, 100),
    (11, 'O1', 31, 1, 2, 'Paid Search', 'linear', 0.5, 50),
    (11, 'O1', 32, 2, 2, 'Email', 'linear', 0.5, 50),
    (12, 'O2', null, 0, 0, '(unattributed)', 'first_touch', 1, 40),
    (12, 'O2', null, 0, 0, '(unattributed)', 'linear', 1, 40),
    (171, 'D1', null, 0, 0, '(unattributed)', 'first_touch', 1, 500),
    (171, 'D1', null, 0, 0, '(unattributed)', 'linear', 1, 500)
) as t (
    conversion_key, conversion_id, touch_id, position, path_length, channel, model, credit, revenue
);

create table attribution.markov_effects as
select
    'month' as period_grain,
    '2026-05-01'::date as period_start,
    channel,
    true as is_complete,
    false as is_mature,
    1::bigint as markov_order,
    touches::bigint as touches,
    4::bigint as paths,
    1::bigint as converting_paths,
    effect::double as removal_effect,
    (effect / 2)::double as removal_effect_lower,
    1::double as removal_effect_upper,
    weight::double as weight,
    true as is_small_sample
from (values
    ('Paid Search', 3, 1.0, 0.625),
    ('Email', 2, 0.6, 0.375)
) as t (channel, touches, effect, weight);

create table attribution.mmm_weekly as
select
    '2026-05-04'::date as week_start,
    'all' as geo,
    channel,
    spend::decimal(18, 4) as spend,
    (spend * 40)::bigint as impressions,
    (spend * 0.8)::bigint as clicks,
    1::bigint as sessions,
    0.5::decimal(18, 9) as attributed_conversions,
    50::decimal(18, 4) as attributed_revenue,
    1::bigint as conversions,
    1::bigint as new_customers,
    100::decimal(18, 4) as revenue,
    0::bigint as holidays,
    110::decimal(18, 4) as gross_revenue,
    10::decimal(18, 4) as discount,
    (10 / 110)::double as discount_rate,
    0::bigint as web_days_lost
from (values ('Paid Search', 25), ('Email', 0)) as t (channel, spend);

create table attribution.budget_reallocation as
select
    'attributed' as basis,
    channel,
    status,
    reason,
    60::bigint as weeks,
    '2026-03-02'::date as first_week,
    '2026-05-25'::date as last_week,
    spend::decimal(18, 4) as spend,
    (spend + change)::decimal(18, 4) as proposed_spend,
    change::decimal(18, 4) as spend_change,
    marginal_return::double as marginal_return,
    (marginal_return / 2)::double as marginal_return_lower,
    (marginal_return * 2)::double as marginal_return_upper,
    expected_change::decimal(18, 4) as expected_revenue_change,
    (expected_change - 5)::decimal(18, 4) as expected_revenue_change_lower,
    (expected_change + 5)::decimal(18, 4) as expected_revenue_change_upper,
    0.1::double as holdout_error,
    0.2::double as last_year_error
from (values
    ('Paid Search', 'proposed', null, 100, 10, 4.0, 35),
    ('Paid Social', 'proposed', null, 50, -10, 1.5, -18),
    ('Display', 'not_enough_data', 'Nothing was spent in the last 13 weeks.', 0, 0, null, null)
) as t (channel, status, reason, spend, change, marginal_return, expected_change);

create table attribution.channel_performance as
select
    'month' as period_grain,
    period_start::date as period_start,
    channel,
    model,
    conversion_type,
    true as is_in_all,
    true as is_complete,
    sessions::bigint as sessions,
    (spend * 40)::bigint as impressions,
    (spend * 0.8)::bigint as clicks,
    spend::decimal(18, 4) as spend,
    spend::decimal(18, 4) as spend_with_clicks,
    spend::decimal(18, 4) as spend_with_impressions,
    (spend * 0.8)::bigint as clicks_with_impressions,
    (spend * 40)::bigint as impressions_with_clicks,
    0::decimal(18, 4) as other_costs,
    spend::decimal(18, 4) as total_costs,
    leads::bigint as leads,
    0::bigint as mqls,
    conversions::decimal(18, 9) as conversions,
    conversions::decimal(18, 9) as new_customers,
    revenue::decimal(18, 4) as attributed_revenue,
    (revenue / 2)::decimal(18, 4) as attributed_margin,
    refunded::decimal(18, 4) as refunded,
    0::decimal(18, 4) as platform_conversions,
    0::decimal(18, 4) as platform_revenue,
    (spend / nullif(spend * 0.8, 0))::double as cpc,
    case when spend > 0 then 25::double end as cpm,
    case when spend > 0 then 0.02::double end as ctr,
    case when spend > 0 then (spend / nullif(leads, 0))::double end as cpl,
    null::double as cost_per_mql,
    case when spend > 0 then (spend / nullif(conversions, 0))::double end
        as cac,
    case when spend > 0 then (spend / nullif(conversions, 0))::double end as total_cac,
    (revenue / nullif(spend, 0))::double as roas,
    ((revenue / 2 - spend) / nullif(spend, 0))::double as roi,
    ((revenue / 2 - refunded - spend) / nullif(spend, 0))::double as roi_after_refunds,
    case when conversions > 0 then 0::double end as platform_claim_ratio,
    true as is_small_sample
from (
    select
        period_start,
        channel,
        model,
        conversion_type,
        sessions,
        spend,
        leads,
        case when conversion_type = 'opportunity' then 0 else conversions end
        + case when conversion_type = 'order' then 0 else deals end as conversions,
        case when conversion_type = 'opportunity' then 0 else revenue end
        + case when conversion_type = 'order' then 0 else deals * 500 end as revenue,
        case when conversion_type = 'opportunity' then 0 else refunded end as refunded
    from (values
        ('2026-05-01', 'Paid Search', 'first_touch', 1, 25, 0, 1, 100, 0, 0),
        ('2026-05-01', 'Email', 'first_touch', 1, 0, 1, 0, 0, 0, 0),
        ('2026-05-01', '(unattributed)', 'first_touch', 0, 0, 0, 1, 40, 0, 1),
        ('2026-06-01', 'Direct', 'first_touch', 1, 0, 0, 0, 0, 0, 0),
        ('2026-06-01', 'Paid Search', 'first_touch', 0, 0, 0, 0, 0, 10, 0),
        ('2026-05-01', 'Paid Search', 'linear', 1, 25, 0, 0.5, 50, 0, 0),
        ('2026-05-01', 'Email', 'linear', 1, 0, 1, 0.5, 50, 0, 0),
        ('2026-05-01', '(unattributed)', 'linear', 0, 0, 0, 1, 40, 0, 1),
        ('2026-06-01', 'Direct', 'linear', 1, 0, 0, 0, 0, 0, 0),
        ('2026-06-01', 'Paid Search', 'linear', 0, 0, 0, 0, 0, 5, 0),
        ('2026-06-01', 'Email', 'linear', 0, 0, 0, 0, 0, 5, 0)
    ) as t (
        period_start, channel, model, sessions, spend, leads, conversions, revenue, refunded, deals
    )
    cross join (values ('order'), ('opportunity'), ('all')) as types (conversion_type)
);

create table attribution.campaign_performance as
select
    *,
    case channel when 'Paid Search' then 'Brand' else '(not set)' end as campaign
from attribution.channel_performance;
create table attribution.tracking_gaps as
select
    gap,
    field,
    channel,
    value,
    0::bigint as sessions,
    0::bigint as touches,
    events::bigint as events,
    0::bigint as leads,
    spend::decimal(18, 4) as spend,
    '2026-05-04'::date as first_seen_on,
    '2026-05-31'::date as last_seen_on
from (values
    ('spend_without_touches', 'campaign', 'Paid Search', 'autumn', 0, 25),
    ('unlinked', 'consent', '(unknown)', 'denied', 7, 0)
) as t (gap, field, channel, value, events, spend);

create table kpi.kpi_values as
select
    kpi_id,
    period_grain,
    period_start::date as period_start,
    dimension,
    segment,
    numerator::decimal(28, 4) as numerator,
    denominator::decimal(28, 4) as denominator,
    (numerator / coalesce(denominator, 1))::double as value,
    sample::bigint as sample,
    true as is_complete,
    numerator is not null as has_data
from (values
    ('revenue', 'day', '2026-05-04', 'overall', 'all', 100, null, 1),
    ('revenue', 'day', '2026-05-20', 'overall', 'all', 40, null, 1),
    ('revenue', 'day', '2026-06-02', 'overall', 'all', -10, null, 1),
    ('revenue', 'month', '2026-05-01', 'overall', 'all', 140, null, 2),
    ('revenue', 'month', '2026-06-01', 'overall', 'all', -10, null, 1),
    ('revenue', 'month', '2026-05-01', 'country', 'FR', 100, null, 1),
    ('revenue', 'month', '2026-05-01', 'country', 'DE', 40, null, 1),
    ('revenue', 'month', '2026-06-01', 'country', 'FR', -10, null, 1),
    ('revenue', 'quarter', '2026-04-01', 'overall', 'all', 130, null, 3),
    ('revenue', 'year', '2026-01-01', 'overall', 'all', 130, null, 3),
    ('session_conversion_rate', 'day', '2026-05-04', 'overall', 'all', 1, 2, 2),
    ('session_conversion_rate', 'day', '2026-06-01', 'overall', 'all', 0, 1, 1),
    ('session_conversion_rate', 'month', '2026-05-01', 'overall', 'all', 1, 2, 2),
    ('session_conversion_rate', 'month', '2026-06-01', 'overall', 'all', 0, 1, 1),
    ('session_conversion_rate', 'month', '2026-05-01', 'channel', 'Paid Search', 1, 1, 1),
    ('session_conversion_rate', 'month', '2026-05-01', 'channel', 'Email', 0, 1, 1),
    ('session_conversion_rate', 'month', '2026-06-01', 'channel', 'Email', 0, 1, 1),
    ('session_conversion_rate', 'month', '2026-06-01', 'country', 'FR', 0, 1, 1),
    ('session_conversion_rate', 'month', '2026-05-01', 'country', 'GB', 1, 1, 1),
    ('session_conversion_rate', 'month', '2026-05-01', 'country', 'FR', 0, 1, 1),
    ('lead_conversion_rate', 'month', '2026-05-01', 'overall', 'all', null, null, 0),
    ('retention_rate', 'month', '2026-05-01', 'overall', 'all', 1, 2, 2),
    ('retention_rate', 'month', '2026-05-01', 'country', 'FR', 1, 2, 2),
    ('retention_rate', 'month', '2026-05-01', 'country', 'GB', 1, 2, 2)
) as t (
    kpi_id, period_grain, period_start, dimension, segment, numerator, denominator, sample
);

create table kpi.kpi_definitions as
select
    kpi_id,
    name_en,
    name_fr,
    'What it is.' as description_en,
    'Ce que c’est.' as description_fr,
    objective_id,
    numerator,
    denominator,
    unit,
    'up' as direction,
    'day|month' as grains,
    'overall|country' as dimensions,
    is_additive,
    true as is_selected,
    true as is_measurable,
    null::varchar as missing_numerator,
    null::varchar as missing_denominator,
    objective_id is not null as has_objective,
    is_target_realistic,
    0::bigint as lost_targets
from (values
    ('revenue', 'Revenue', 'Chiffre d’affaires', 'grow', 'net_revenue', null, 'currency', true, true),
    ('session_conversion_rate', 'Conversion', 'Conversion', 'grow', 'converting_sessions', 'sessions', 'ratio', true, null),
    ('lead_conversion_rate', 'Leads', 'Prospects', 'grow', 'converted_leads', 'leads', 'ratio', true, null),
    ('retention_rate', 'Retention', 'Fidélisation', 'grow', 'retained_customers', 'previous_customers', 'ratio', false, null)
) as t (
    kpi_id, name_en, name_fr, objective_id, numerator, denominator, unit, is_additive,
    is_target_realistic
);

create table kpi.kpi_scorecard as
select
    kpi_id,
    'month' as period_grain,
    '2026-05-01'::date as period_start,
    'overall' as dimension,
    'all' as segment,
    value::double as value,
    null::double as previous_value,
    null::double as last_year_value,
    target_value::double as target_value,
    value / target_value::double as attainment,
    null::double as pace,
    null::double as benchmark_value,
    null::bigint as benchmark_rank,
    status,
    'unknown' as trend,
    data_status
from (values
    ('revenue', 140, 100, 'on_track', 'fresh'),
    ('lead_conversion_rate', null, null, 'no_data', 'missing')
) as t (kpi_id, value, target_value, status, data_status);

create table kpi.kpi_alerts as
select
    alert_id,
    kind,
    'revenue' as kpi_id,
    'value' as measure,
    'overall' as dimension,
    'all' as segment,
    grain as period_grain,
    '2026-05-01'::date as period_start,
    first_seen::date as first_seen,
    '2026-05-31'::date as last_seen,
    true as is_open,
    80::double as observed,
    100::double as expected,
    90::double as expected_lower,
    110::double as expected_upper,
    12::bigint as sample,
    cause,
    'business' as cause_class,
    severity,
    'channel Email 80%' as top_drivers,
    'channel Email 80%' as look_at_first,
    'fresh' as data_status
from (values
    ('a1', 'threshold', 'month', '2026-06-01', 'off_target', 'critical'),
    ('a2', 'anomaly', 'day', '2026-05-01', 'business_change', 'warning')
) as t (alert_id, kind, grain, first_seen, cause, severity);

create table kpi.action_follow_up as
select
    action_id,
    'session_conversion_rate' as kpi_id,
    'country' as dimension,
    'GB' as segment,
    'FR' as control_segment,
    '2026-02-02'::date as started_on,
    review_on::date as review_on,
    0.05::double as before_value,
    0.07::double as after_value,
    0.05::double as control_before_value,
    0.05::double as control_after_value,
    effect::double as effect,
    (effect - 0.1)::double as effect_lower,
    (effect + 0.1)::double as effect_upper,
    (effect / 20)::double as absolute_effect,
    0.25::double as expected_effect,
    false as has_other_trend,
    effect::double as adjusted_effect,
    (effect - 0.2)::double as adjusted_lower,
    (effect + 0.2)::double as adjusted_upper,
    100::decimal(18, 4) as cost,
    117::decimal(18, 4) as cost_reporting,
    verdict
from (values
    ('A-1', '2026-05-04', 0.4, 'improved'),
    ('A-2', '2026-05-04', 0.02, 'no_evidence'),
    ('A-3', '2027-01-04', null, 'too_early')
) as t (action_id, review_on, effect, verdict);

create table kpi.kpi_change_drivers as
select
    'revenue' as kpi_id,
    'month' as period_grain,
    '2026-06-01'::date as period_start,
    'previous_period' as compared_with,
    '2026-05-01'::date as base_period_start,
    'country' as dimension,
    t.segment,
    'contribution' as effect_kind,
    base_values.numerator as base_numerator,
    kpi_values.numerator,
    base_values.denominator as base_denominator,
    kpi_values.denominator,
    140::double as base_kpi_value,
    (-10)::double as kpi_value,
    (-150)::decimal(28, 9) as change,
    effect::decimal(28, 9) as effect,
    (effect / -150)::double as explained_share,
    rank::bigint as rank
from (values ('FR', -110, 1), ('DE', -40, 2)) as t (segment, effect, rank)
left join kpi.kpi_values
    on
        kpi_values.kpi_id = 'revenue'
        and kpi_values.period_grain = 'month'
        and kpi_values.period_start = '2026-06-01'
        and kpi_values.dimension = 'country'
        and t.segment = kpi_values.segment
left join kpi.kpi_values as base_values
    on
        base_values.kpi_id = 'revenue'
        and base_values.period_grain = 'month'
        and base_values.period_start = '2026-05-01'
        and base_values.dimension = 'country'
        and t.segment = base_values.segment;

create table kpi.kpi_driver_tree as
select
    'revenue' as tree,
    'month' as period_grain,
    '2026-06-01'::date as period_start,
    'previous_period' as compared_with,
    '2026-05-01'::date as base_period_start,
    'overall' as dimension,
    'all' as segment,
    driver,
    base_driver_value::double as base_driver_value,
    driver_value::double as driver_value,
    140::decimal(28, 4) as base_revenue,
    (-10)::decimal(28, 4) as revenue,
    (-150)::decimal(28, 4) as revenue_change,
    effect::decimal(28, 4) as effect,
    rank::bigint as rank
from (values
    ('sessions', 2, 1, 0, 3),
    ('conversion', 1, 0, -140, 1),
    ('order_value', 70, null, 0, 4),
    ('refunds', 0, 10, -10, 2)
) as t (driver, base_driver_value, driver_value, effect, rank);

create table kpi.kpi_restatements as
select
    kpi_id,
    period_grain,
    period_start,
    0::bigint as statement_number,
    true as is_latest,
    '2026-06-30'::timestamp as stated_at,
    numerator,
    denominator,
    value,
    null::double as previous_value,
    null::double as change_since_previous,
    'first_stated' as cause
from kpi.kpi_values
where dimension = 'overall' and has_data;

create table kpi.retention_cohorts as
select
    '2026-05-01'::date as cohort_month,
    months_since::bigint as months_since,
    2::bigint as customers,
    active::bigint as active,
    retention::double as retention,
    0::bigint as repeat_customers,
    0::double as repeat_rate,
    revenue::decimal(18, 4) as revenue,
    140::decimal(28, 4) as cumulative_revenue,
    70::double as cumulative_revenue_per_customer,
    60::decimal(28, 4) as cumulative_margin,
    30::double as cumulative_margin_per_customer
from (values (0, 2, 1.0, 140), (1, 0, 0.0, 0)) as t (months_since, active, retention, revenue);

create table kpi.retention_windows as
select
    '2026-05-01'::date as cohort_month,
    window_number::bigint as window_number,
    window_number = 0 as is_mature,
    2::bigint as customers,
    mature::bigint as mature_customers,
    active::bigint as active,
    (active / nullif(mature, 0))::double as retention,
    revenue::decimal(18, 4) as revenue,
    case when mature > 0 then 140 end::decimal(28, 4) as cumulative_revenue,
    case when mature > 0 then 70 end::double as cumulative_revenue_per_customer,
    case when mature > 0 then 60 end::decimal(28, 4) as cumulative_margin,
    case when mature > 0 then 30 end::double as cumulative_margin_per_customer
from (values (0, 2, 2, 140), (1, 0, null, 0)) as t (window_number, mature, active, revenue);

create table kpi.customer_value as
select
    customer_key,
    customer_id,
    orders,
    orders as purchases,
    case when orders > 0 then '2026-05-04' end::date as first_order_date,
    case when orders > 0 then '2026-05-04' end::date as last_order_date,
    case when orders > 0 then 58 end::bigint as age_days,
    case when orders > 0 then 58 end::bigint as silent_days,
    case when orders > 0 then 3 end::bigint as recency_score,
    case when orders > 0 then 3 end::bigint as frequency_score,
    case when orders > 0 then 3 end::bigint as monetary_score,
    rfm_segment,
    lifetime_revenue,
    (lifetime_revenue / 2)::decimal(18, 4) as lifetime_margin,
    case when orders > 0 then false end as is_churned,
    null::date as churned_on,
    case when orders > 0 then 0.9 end::double as probability_alive,
    case when orders > 0 then 1.5 end::double as expected_purchases,
    case when orders > 0 then 50 end::double as expected_purchase_value,
    case when orders > 0 then 75 end::decimal(18, 4) as predicted_revenue,
    case when orders > 0 then 'predicted' else 'historic' end as value_basis,
    case when orders = 0 then 'no order that counts' end as value_note
from core.dim_customers;

create table funnel.pipeline_stages as
select
    71::bigint as opportunity_key,
    'D1' as opportunity_id,
    visit_number::bigint as visit_number,
    visit_number::bigint as position,
    stage,
    0.5::double as probability,
    500::decimal(18, 4) as amount,
    entered_at::timestamp as entered_at,
    entered_at::date as entered_date,
    exited_at::timestamp as exited_at,
    (date_diff('hour', entered_at::timestamp, exited_at::timestamp))::double as hours,
    false as is_skip,
    false as is_reopen,
    false as is_backward,
    'won' as outcome
from (values
    (1, 'offer', '2026-05-06 08:00', '2026-05-26 08:00'),
    (2, 'won', '2026-05-26 08:00', null)
) as t (visit_number, stage, entered_at, exited_at);

create table funnel.pipeline_velocity as
select
    'year' as period_grain,
    '2026-01-01'::date as period_start,
    dimension,
    segment,
    false as is_complete,
    0::bigint as open_count,
    0::decimal(28, 4) as open_value,
    0::decimal(28, 4) as weighted_value,
    1::bigint as won,
    1::bigint as closed,
    1::double as win_rate,
    500::decimal(28, 4) as won_value,
    500::double as value_per_deal,
    20::decimal(28, 4) as won_cycle_days,
    20::double as cycle_days,
    0::double as velocity
from (values ('overall', 'all'), ('team', 'South'), ('rep', 'REP1')) as t (dimension, segment);

create table kpi.rep_performance as
select
    'month' as period_grain,
    '2026-05-01'::date as period_start,
    'South' as team,
    'REP1' as rep,
    true as is_complete,
    20::bigint as working_days,
    20::bigint as working_days_elapsed,
    1::bigint as activities,
    1::bigint as calls,
    0::bigint as emails,
    0::bigint as meetings,
    0::bigint as demos,
    0::bigint as other_activities,
    1::bigint as leads,
    1::bigint as leads_worked,
    1::double as leads_worked_rate,
    2::double as median_response_hours,
    1::double as median_response_business_hours,
    1::bigint as opportunities,
    500::decimal(28, 4) as pipeline_created,
    1::bigint as won,
    0::bigint as lost,
    1::bigint as closed,
    1::double as win_rate,
    500::decimal(28, 4) as won_value,
    500::double as value_per_deal,
    20::bigint as won_cycle_days,
    20::double as cycle_days,
    0::decimal(28, 4) as revenue,
    0::decimal(28, 4) as refunded,
    400::decimal(18, 4) as quota,
    300::decimal(28, 4) as attained,
    300::decimal(28, 4) as attained_elapsed,
    0.75::double as attainment,
    0.75::double as pace,
    1::bigint as rank_by_won_value;

create table kpi.team_performance as
select
    period_grain,
    period_start,
    dimension,
    segment,
    is_complete,
    1::bigint as reps,
    working_days,
    working_days_elapsed,
    activities,
    calls,
    emails,
    meetings,
    demos,
    other_activities,
    leads,
    leads_worked,
    leads_worked_rate,
    median_response_hours,
    median_response_business_hours,
    opportunities,
    pipeline_created,
    won,
    lost,
    closed,
    win_rate,
    won_value,
    value_per_deal,
    won_cycle_days,
    cycle_days,
    revenue,
    refunded,
    quota::decimal(28, 4) as quota,
    quota_source,
    attained,
    attained_elapsed,
    attainment,
    pace
from kpi.rep_performance
cross join (values ('overall', 'all', 'teams'), ('team', 'South', 'reps'))
    as t (dimension, segment, quota_source);

create table kpi.service_performance as
select
    'month' as period_grain,
    '2026-05-01'::date as period_start,
    dimension,
    segment,
    true as is_complete,
    tickets::bigint as tickets,
    tickets::bigint as replied,
    tickets::bigint as solved,
    tickets::bigint as ever_solved,
    0::bigint as reopened,
    0::double as reopened_rate,
    case when tickets > 0 then 2 end::double as median_first_response_hours,
    case when tickets > 0 then 3 end::double as p90_first_response_hours,
    case when tickets > 0 then 2 end::double as mean_first_response_hours,
    case when tickets > 0 then 1 end::double as median_first_response_business_hours,
    case when tickets > 0 then 1 end::double as p90_first_response_business_hours,
    case when tickets > 0 then 1 end::double as mean_first_response_business_hours,
    case when tickets > 0 then 2 end::double as median_resolution_hours,
    case when tickets > 0 then 3 end::double as p90_resolution_hours,
    case when tickets > 0 then 2 end::double as mean_resolution_hours,
    case when tickets > 0 then 1 end::double as median_resolution_business_hours,
    case when tickets > 0 then 1 end::double as p90_resolution_business_hours,
    case when tickets > 0 then 1 end::double as mean_resolution_business_hours,
    tickets::bigint as first_response_sla_decided,
    tickets::bigint as first_response_sla_met,
    1::double as first_response_sla_met_rate,
    tickets::bigint as resolution_sla_decided,
    tickets::bigint as resolution_sla_met,
    1::double as resolution_sla_met_rate,
    tickets::bigint as sla_decided,
    tickets::bigint as sla_met,
    1::double as sla_met_rate,
    tickets::bigint as solved_in_period,
    tickets::bigint as backlog,
    tickets::bigint as csat_surveys,
    tickets::bigint as csat_answers,
    1::double as csat_response_rate,
    tickets::bigint as csat_satisfied,
    1::double as csat_rate,
    tickets::bigint as nps_surveys,
    tickets::bigint as nps_answers,
    1::double as nps_response_rate,
    0::bigint as nps_promoters,
    0::bigint as nps_detractors,
    0::double as nps
from (values ('overall', 'all', 1), ('channel', 'email', 1), ('channel', 'chat', 0))
as t (dimension, segment, tickets);

create table kpi.satisfaction_repurchase as
select
    'year' as period_grain,
    '2026-01-01'::date as period_start,
    'csat' as survey,
    'satisfied' as score_band,
    true as is_complete,
    4::bigint as surveys,
    4::bigint as mature_surveys,
    2::bigint as repurchased,
    0.5::double as repurchase_rate,
    0.15::double as repurchase_rate_low,
    0.85::double as repurchase_rate_high;
