"""Business faults, each planted by SQL into the tiny release, and the expectation that sees it.

By suite, then by expectation. The audit runs as of 2026-07-01; the release before is the clean one.
"""

FAULTS = {
    "core.dim_channels": {
        "channel is unique": "insert into core.dim_channels values ('Email', 'Paid', true)",
        "channel is filled": "insert into core.dim_channels values (null, 'Paid', true)",
        "channel_group is filled": "update core.dim_channels set channel_group = null",
        "is_paid is filled": "update core.dim_channels set is_paid = null",
    },
    "core.dim_customers": {
        "customer_key is unique": "insert into core.dim_customers from core.dim_customers limit 1",
        "customer_key is filled": "update core.dim_customers set customer_key = null",
        "never: orders < 0": "update core.dim_customers set orders = -1",
        "never: (orders > 0) <> (first_order_at is not null)": (
            "update core.dim_customers set first_order_at = null"
        ),
        "never: first_order_at > getvariable('as_of') + interval 1 day": (
            "update core.dim_customers set first_order_at = '2027-01-01' where orders > 0"
        ),
        "keeps 50% of its rows": "delete from core.dim_customers",
    },
    "core.fct_orders": {
        "order_key is unique": "insert into core.fct_orders from core.fct_orders limit 1",
        "order_date is filled": "update core.fct_orders set order_date = null",
        "never: is_revenue and channel is null": "update core.fct_orders set channel = null",
        "customer_key exists in core.dim_customers": (
            "delete from core.dim_customers where customer_key = 2"
        ),
        "never: net_revenue <> gross_revenue - discount": (
            "update core.fct_orders set gross_revenue = gross_revenue * 100"
        ),
        "never: is_revenue and gross_revenue < 0": "update core.fct_orders set gross_revenue = -1",
        "never: is_revenue and net_revenue is null and exchange_rate is null": (
            "update core.fct_orders set net_revenue = null, exchange_rate = null"
        ),
        "never: is_revenue and net_revenue is null and exchange_rate is not null": (
            "update core.fct_orders set net_revenue = null"
        ),
        "never: discount < 0 or discount > gross_revenue and gross_revenue > 0": (
            "update core.fct_orders set discount = 1000"
        ),
        "never: refunded < 0": "update core.fct_orders set refunded = -1",
        "refunds are no larger than their order": (
            "update core.fct_orders set refunded = 1.2 * net_revenue where is_revenue"
        ),
        "never: ordered_at > getvariable('as_of') + interval 1 day": (
            "update core.fct_orders set ordered_at = '2027-01-01'"
        ),
        "keeps 50% of its rows": "delete from core.fct_orders",
    },
    "audits.segments_are_spelled_alike": {
        "country has one spelling": (
            "insert into kpi.kpi_values from (select * replace ('country' as dimension, "
            "unnest(['smb', 'SMB']) as segment) from kpi.kpi_values limit 2)"
        ),
        "segment has one spelling": (
            "insert into kpi.kpi_values from (select * replace ('segment' as dimension, "
            "unnest(['smb', 'SMB']) as segment) from kpi.kpi_values limit 2)"
        ),
        "product_category has one spelling": (
            "insert into kpi.kpi_values from (select * replace ('product_category' as dimension, "
            "unnest(['smb', 'SMB']) as segment) from kpi.kpi_values limit 2)"
        ),
        "team has one spelling": (
            "insert into kpi.kpi_values from (select * replace ('team' as dimension, "
            "unnest(['smb', 'SMB']) as segment) from kpi.kpi_values limit 2)"
        ),
    },
    "audits.markets_have_sales": {
        "every market has sales": (
            "insert into kpi.kpi_values from (select * replace ('market_share' as kpi_id, "
            "'country' as dimension, 'UK' as segment, 0 as numerator, 5 as denominator) "
            "from kpi.kpi_values limit 1)"
        ),
    },
    "core.fct_order_items": {
        "order_item_key is unique": (
            "insert into core.fct_order_items from core.fct_order_items limit 1"
        ),
        "product_category is filled": "update core.fct_order_items set product_category = null",
        "order_key exists in core.fct_orders": "delete from core.fct_orders where order_key = 13",
        "product_key exists in core.dim_products": "delete from core.dim_products",
        "keeps 50% of its rows": "delete from core.fct_order_items",
    },
    "core.fct_refund_items": {
        "refund_key, order_item_key is unique": (
            "insert into core.fct_refund_items from core.fct_refund_items"
        ),
        "product_category is filled": "update core.fct_refund_items set product_category = null",
        "order_item_key exists in core.fct_order_items": (
            "delete from core.fct_order_items where order_key = 11"
        ),
        "keeps 50% of its rows": "delete from core.fct_refund_items",
    },
    "audits.refund_items_add_up": {
        "lines add up to their refund": "update core.fct_refund_items set refunded = 9.9999",
    },
    "audits.order_lines_add_up": {
        "lines add up to their order": (
            "update core.fct_order_items set net_revenue = net_revenue + 0.0001 "
            "where order_key = 11"
        ),
    },
    "core.fct_refunds": {
        "refund_key is unique": "insert into core.fct_refunds from core.fct_refunds limit 1",
        "refund_date is filled": "update core.fct_refunds set refund_date = null",
        "refunded is filled": "update core.fct_refunds set refunded = null",
        "is_revenue is filled": "update core.fct_refunds set is_revenue = null",
        "never: refunded < 0": "update core.fct_refunds set refunded = -10",
        "order_key exists in core.fct_orders": "delete from core.fct_orders where order_key = 11",
        "never: refunded_at > getvariable('as_of') + interval 1 day": (
            "update core.fct_refunds set refunded_at = '2027-01-01'"
        ),
        "keeps 50% of its rows": "delete from core.fct_refunds",
    },
    "core.identity_keys": {
        "identifier_key is unique": (
            "insert into core.identity_keys from core.identity_keys where identifier_key = 92"
        ),
        "person_key is filled": "update core.identity_keys set person_key = null",
        "person_key exists in core.identity_keys": (
            "delete from core.identity_keys where identifier_key = 91"
        ),
        "never: is_current <> (identifier_key = person_key)": (
            "update core.identity_keys set is_current = true"
        ),
        "never: is_current and merged_on is not null": (
            "update core.identity_keys set merged_on = '2026-05-05'"
        ),
        "keeps 50% of its rows": "delete from core.identity_keys",
    },
    "core.identity_conflicts": {
        "identifier_key is unique": (
            "insert into core.identity_conflicts from core.identity_conflicts"
        ),
        "resolution is filled": "update core.identity_conflicts set resolution = null",
        "never: claimants < 2": "update core.identity_conflicts set claimants = 1",
        "identifier_key exists in core.identity_keys": (
            "delete from core.identity_keys where identifier_key = 92"
        ),
    },
    "core.fct_sessions": {
        "session_key is unique": "insert into core.fct_sessions from core.fct_sessions limit 1",
        "session_date is filled": "update core.fct_sessions set session_date = null",
        "channel is filled": "update core.fct_sessions set channel = null",
        "last_non_direct_channel is filled": (
            "update core.fct_sessions set last_non_direct_channel = null"
        ),
        "never: is_counted <> (not is_bot and not is_long)": (
            "update core.fct_sessions set is_bot = true where session_key = 31"
        ),
        "never: started_at > getvariable('as_of') + interval 1 day": (
            "update core.fct_sessions set started_at = '2027-01-01'"
        ),
        "keeps 50% of its rows": "delete from core.fct_sessions",
    },
    "core.fct_leads": {
        "lead_key is unique": "insert into core.fct_leads from core.fct_leads limit 1",
        "created_date is filled": "update core.fct_leads set created_date = null",
        "channel is filled": "update core.fct_leads set channel = null",
        "is_converted is filled": "update core.fct_leads set is_converted = null",
        "never: created_at > getvariable('as_of') + interval 1 day": (
            "update core.fct_leads set created_at = '2027-01-01'"
        ),
        "keeps 50% of its rows": "delete from core.fct_leads",
    },
    "core.fct_ad_spend": {
        "ad_spend_key is unique": "insert into core.fct_ad_spend from core.fct_ad_spend limit 1",
        "spend_date is filled": "update core.fct_ad_spend set spend_date = null",
        "channel is filled": "update core.fct_ad_spend set channel = null",
        "spend is filled": "update core.fct_ad_spend set spend = null",
        # Beside lines of its ads, a campaign's credit counts as 0.
        "never: spend < 0 or reported_spend < 0": (
            "update core.fct_ad_spend set spend = 0, reported_spend = -25"
        ),
        "never: spend > reported_spend and reported_spend >= 0": (
            "update core.fct_ad_spend set reported_spend = 24"
        ),
        "never: impressions < 0 or clicks < 0": "update core.fct_ad_spend set clicks = -1",
        "never: clicks > impressions": "update core.fct_ad_spend set impressions = 1",
        "never: spend_date > getvariable('as_of') + interval 1 day": (
            "update core.fct_ad_spend set spend_date = '2027-01-01'"
        ),
        "keeps 50% of its rows": "delete from core.fct_ad_spend",
    },
    "core.dim_sales_reps": {
        "rep_period_key is unique": (
            "insert into core.dim_sales_reps from core.dim_sales_reps limit 1"
        ),
        "team is filled": "update core.dim_sales_reps set team = null",
        "never: valid_to < valid_from": (
            "update core.dim_sales_reps set valid_from = '2027-01-01' where valid_to is not null"
        ),
        "a rep is in one team a day": "update core.dim_sales_reps set valid_to = null",
        "never: is_shortened": "update core.dim_sales_reps set is_shortened = true",
    },
    "core.fct_opportunities": {
        "opportunity_key is unique": (
            "insert into core.fct_opportunities from core.fct_opportunities limit 1"
        ),
        "created_date is filled": "update core.fct_opportunities set created_date = null",
        "team is filled": "update core.fct_opportunities set team = null",
        "customer_key exists in core.dim_customers": (
            "delete from core.dim_customers where customer_key = 3"
        ),
        "never: is_won and not is_closed": "update core.fct_opportunities set is_closed = false",
        "never: is_closed <> (closed_date is not null)": (
            "update core.fct_opportunities set closed_date = null"
        ),
        "no deal closed before the calendar": (
            "update core.fct_opportunities set closed_date = '1970-01-01'"
        ),
        "never: cycle_days < 0": "update core.fct_opportunities set cycle_days = -1",
        "never: amount < 0": "update core.fct_opportunities set amount = -1",
        "never: is_won and amount is null and exchange_rate is null": (
            "update core.fct_opportunities set amount = null, exchange_rate = null"
        ),
        "never: not is_won and amount is null and exchange_rate is null": (
            "update core.fct_opportunities set is_won = false, amount = null, exchange_rate = null"
        ),
        "never: is_won and amount is null and exchange_rate is not null": (
            "update core.fct_opportunities set amount = null"
        ),
        "never: created_at > getvariable('as_of') + interval 1 day": (
            "update core.fct_opportunities set created_at = '2027-01-01'"
        ),
        "keeps 50% of its rows": "delete from core.fct_opportunities",
    },
    "core.dim_dates": {
        "date_day is unique": "insert into core.dim_dates from core.dim_dates limit 1",
        "no day is missing": "delete from core.dim_dates where date_day = '2026-05-05'",
        "never: hours_in_day not between 22 and 26": "update core.dim_dates set hours_in_day = 48",
        "never: starts_at + interval 1 hour * hours_in_day <> ends_at": (
            "update core.dim_dates set hours_in_day = 23"
        ),
        "is_business_day is filled": "update core.dim_dates set is_business_day = null",
    },
    "core.dim_business_days": {
        "country, date_day is unique": (
            "insert into core.dim_business_days from core.dim_business_days limit 1"
        ),
        "is_business_day is filled": "update core.dim_business_days set is_business_day = null",
        "never: is_holiday and is_business_day": (
            "update core.dim_business_days set is_business_day = true"
        ),
        "date_day exists in core.dim_dates": (
            "update core.dim_business_days set date_day = '2027-01-01'"
        ),
    },
    "core.dim_products": {
        "product_key is unique": "insert into core.dim_products from core.dim_products limit 1",
        "category is filled": "update core.dim_products set category = null",
        "unit_cost is between 0 and ...": "update core.dim_products set unit_cost = -1",
        "never: (orders > 0) <> (first_sold_on is not null)": (
            "update core.dim_products set orders = 0"
        ),
        "never: last_sold_on < first_sold_on": (
            "update core.dim_products set last_sold_on = '2026-01-01'"
        ),
        "never: not is_listed": "update core.dim_products set is_listed = false",
    },
    "core.dim_campaigns": {
        "campaign is unique": "insert into core.dim_campaigns from core.dim_campaigns limit 1",
        "channel is filled": "update core.dim_campaigns set channel = null",
        "channel exists in core.dim_channels": (
            "update core.dim_campaigns set channel = 'Pigeon' where channel = 'Paid Search'"
        ),
        "never: last_seen_on < first_seen_on": (
            "update core.dim_campaigns set last_seen_on = '2026-01-01'"
        ),
        "never: spend < 0 or response_cost < 0": "update core.dim_campaigns set spend = -1",
    },
    "core.fct_activities": {
        "activity_key is unique": (
            "insert into core.fct_activities from core.fct_activities limit 1"
        ),
        "activity_date is filled": "update core.fct_activities set activity_date = null",
        "team is filled": "update core.fct_activities set team = null",
        "never: duration_minutes < 0": "update core.fct_activities set duration_minutes = -1",
        "never: occurred_at > getvariable('as_of') + interval 1 day": (
            "update core.fct_activities set occurred_at = '2027-01-01'"
        ),
        "keeps 50% of its rows": "delete from core.fct_activities",
    },
    "core.fct_tickets": {
        "ticket_key is unique": "insert into core.fct_tickets from core.fct_tickets limit 1",
        "created_date is filled": "update core.fct_tickets set created_date = null",
        "customer_key exists in core.dim_customers": (
            "update core.fct_tickets set customer_key = 99"
        ),
        "never: first_response_hours < 0 or resolution_hours < 0": (
            "update core.fct_tickets set resolution_hours = -1"
        ),
        "never: first_replied_at < created_at or solved_at < created_at": (
            "update core.fct_tickets set first_replied_at = '2026-01-01'"
        ),
        "never: created_at > getvariable('as_of') + interval 1 day": (
            "update core.fct_tickets set created_at = '2027-01-01'"
        ),
        "keeps 50% of its rows": "delete from core.fct_tickets",
    },
    "core.fct_survey_responses": {
        "response_key is unique": (
            "insert into core.fct_survey_responses from core.fct_survey_responses limit 1"
        ),
        "is_answered is filled": "update core.fct_survey_responses set is_answered = null",
        "survey has a known value": "update core.fct_survey_responses set survey = 'poll'",
        "normalised_score is between 0 and 1": (
            "update core.fct_survey_responses set normalised_score = 5"
        ),
        "customer_key exists in core.dim_customers": (
            "update core.fct_survey_responses set customer_key = 99"
        ),
        "ticket_key exists in core.fct_tickets": "delete from core.fct_tickets",
        "never: survey <> 'source' and score is not null and normalised_score is null": (
            "update core.fct_survey_responses set normalised_score = null"
        ),
        "never: score_category is null and normalised_score is not null and survey <> 'source'": (
            "update core.fct_survey_responses set score_category = null"
        ),
        "never: answered_at < sent_at": (
            "update core.fct_survey_responses set answered_at = '2026-01-01'"
        ),
        "never: greatest(sent_at, answered_at) > getvariable('as_of') + interval 1 day": (
            "update core.fct_survey_responses set sent_at = '2027-01-01', answered_at = null"
        ),
        "keeps 50% of its rows": "delete from core.fct_survey_responses",
    },
    "core.fct_lead_history": {
        "lead_key, change_number is unique": (
            "insert into core.fct_lead_history from core.fct_lead_history limit 1"
        ),
        "lead_key exists in core.fct_leads": "update core.fct_lead_history set lead_key = 99",
        "never: valid_to <= valid_from": "update core.fct_lead_history set valid_to = valid_from",
        "a lead says one thing at a time": "update core.fct_lead_history set is_current = false",
    },
    "core.fct_opportunity_history": {
        "opportunity_key, change_number is unique": (
            "insert into core.fct_opportunity_history from core.fct_opportunity_history limit 1"
        ),
        "opportunity_key exists in core.fct_opportunities": (
            "update core.fct_opportunity_history set opportunity_key = 99"
        ),
        "never: valid_to <= valid_from": (
            "update core.fct_opportunity_history set valid_to = valid_from"
        ),
        "a deal says one thing at a time": (
            "update core.fct_opportunity_history set is_current = false"
        ),
    },
    "core.source_health": {
        "raw_table is unique": "insert into core.source_health from core.source_health limit 1",
        "raw_table is filled": "update core.source_health set raw_table = null",
        "freshness has a known value": "update core.source_health set freshness = 'rotten'",
        "freshness is filled": "update core.source_health set freshness = null",
        "never: freshness = 'stale' and silent_source is null": (
            "update core.source_health set freshness = 'stale'"
        ),
        "never: freshness = 'stale' and silent_source is not null": (
            "update core.source_health set freshness = 'stale', silent_source = 'web'"
        ),
        "never: files_refused_recently > 0": (
            "update core.source_health set files_refused_recently = 1"
        ),
        "what was refused recently was refused": (
            "update core.source_health set rows_quarantined_recently = 1"
        ),
    },
    "core.quarantined_rows": {
        "raw_table, source_name, reason_code is unique": (
            "insert into core.quarantined_rows from core.quarantined_rows"
        ),
        "reason_code is filled": "update core.quarantined_rows set reason_code = null",
        "never: row_count < 1": "update core.quarantined_rows set row_count = 0",
    },
    "funnel.funnel_conversion": {
        "funnel, period_grain, period_start, dimension, segment, step_number is unique": (
            "insert into funnel.funnel_conversion from funnel.funnel_conversion limit 1"
        ),
        "period_start is filled": "update funnel.funnel_conversion set period_start = null",
        "never: entered < 0 or converted < 0 or open < 0 or dropped < 0": (
            "update funnel.funnel_conversion set dropped = -1"
        ),
        "never: entered <> converted + open + dropped": (
            "update funnel.funnel_conversion set entered = entered * 2"
        ),
        "never: is_mature and open > 0": "update funnel.funnel_conversion set open = 1",
        "step_rate is between 0 and 1": "update funnel.funnel_conversion set step_rate = 50",
        "overall_rate is between 0 and 1": "update funnel.funnel_conversion set overall_rate = 1.1",
        "ratios are their parts": "update funnel.funnel_conversion set overall_rate = null",
    },
    "funnel.funnel_friction": {
        "funnel, period_grain, period_start, dimension, segment, step_number is unique": (
            "insert into funnel.funnel_friction from funnel.funnel_friction limit 1"
        ),
        "period_start is filled": "update funnel.funnel_friction set period_start = null",
        "never: reached <> passed + lost or passed < 0 or lost < 0": (
            "update funnel.funnel_friction set lost = 0"
        ),
        "pass_rate is between 0 and 1": "update funnel.funnel_friction set pass_rate = 40",
        "expected_pass_rate is between 0 and 1": (
            "update funnel.funnel_friction set expected_pass_rate = -0.1"
        ),
        "losses lie within their interval": (
            "update funnel.funnel_friction set lost_beyond_expected_high = 9"
        ),
        "never: is_worst and not is_friction": (
            "update funnel.funnel_friction set is_friction = false"
        ),
        "only losses put revenue at stake": (
            "update funnel.funnel_friction set lost_beyond_expected = -10"
        ),
    },
    "funnel.cart_abandonment": {
        "period_grain, period_start, dimension, segment is unique": (
            "insert into funnel.cart_abandonment from funnel.cart_abandonment limit 1"
        ),
        "period_start is filled": "update funnel.cart_abandonment set period_start = null",
        "never: carts <> ordered + abandoned or abandoned <> recovered + open + lost": (
            "update funnel.cart_abandonment set lost = lost + 1"
        ),
        "abandonment_rate is between 0 and 1": (
            "update funnel.cart_abandonment set abandonment_rate = 66.7"
        ),
        "values are parts of the whole": "update funnel.cart_abandonment set value_carts = 0",
        "a value is that of carts": "update funnel.cart_abandonment set unpriced_carts = carts",
        "only recovered carts took a time for it": (
            "update funnel.cart_abandonment set median_hours_to_recovery = 2"
        ),
        "ratios are their parts": "update funnel.cart_abandonment set recovery_rate = null",
    },
    "funnel.page_engagement": {
        "period_grain, period_start, page is unique": (
            "insert into funnel.page_engagement from funnel.page_engagement limit 1"
        ),
        "page is filled": "update funnel.page_engagement set page = null",
        "a page has a view for each visit, entry and exit": (
            "update funnel.page_engagement set sessions = 9"
        ),
        "never: median_seconds_on_page < 0 or p90_seconds_on_page < median_seconds_on_page": (
            "update funnel.page_engagement set median_seconds_on_page = 90"
        ),
        "people and times on a page have a visit and a view": (
            "update funnel.page_engagement set people = 3"
        ),
        "never: (timed_views > 0) <> (median_seconds_on_page is not null)": (
            "update funnel.page_engagement set timed_views = 0"
        ),
        "exit_rate is between 0 and 1": "update funnel.page_engagement set exit_rate = 1.2",
        "never: page like '%@%' or page like '%?%'": (
            "update funnel.page_engagement set page = '/jane@example.com'"
        ),
        "ratios are their parts": "update funnel.page_engagement set conversion_rate = null",
    },
    "funnel.lead_sources": {
        "period_grain, period_start, level, channel, campaign is unique": (
            "insert into funnel.lead_sources from funnel.lead_sources limit 1"
        ),
        "channel is filled": "update funnel.lead_sources set channel = null",
        "level has a known value": "update funnel.lead_sources set level = 'country'",
        "stages never rise": "update funnel.lead_sources set won = 2",
        "never: agreed > comparable or comparable > leads": (
            "update funnel.lead_sources set agreed = 2"
        ),
        "never: coalesce(spend, 0) = 0 and (cost_per_lead > 0 or cost_per_customer > 0)": (
            "update funnel.lead_sources set spend = 0"
        ),
        "never: coalesce(total_costs, 0) <> coalesce(spend, 0) + coalesce(other_costs, 0)": (
            "update funnel.lead_sources set other_costs = 7"
        ),
        "ratios are their parts": "update funnel.lead_sources set mql_rate = null",
    },
    "attribution.conversion_paths": {
        "conversion_type, conversion_key is unique": (
            "insert into attribution.conversion_paths from attribution.conversion_paths limit 1"
        ),
        "converted_at is filled": "update attribution.conversion_paths set converted_at = null",
        "never: touches < 0 or path_length < 0": (
            "update attribution.conversion_paths set touches = -1"
        ),
        "days are those from the first touch": (
            "update attribution.conversion_paths set days_to_convert = days_to_convert * 24"
        ),
        "never: days_to_convert < 0": (
            "update attribution.conversion_paths set days_to_convert = -0.5"
        ),
        "never: converted_at > getvariable('as_of') + interval 1 day": (
            "update attribution.conversion_paths set converted_at = '2027-01-01'"
        ),
    },
    "attribution.attributed_touches": {
        "conversion_type, conversion_key, model, position is unique": (
            "insert into attribution.attributed_touches from attribution.attributed_touches limit 1"
        ),
        "channel is filled": "update attribution.attributed_touches set channel = null",
        "model is filled": "update attribution.attributed_touches set model = null",
        "conversion_key exists in attribution.conversion_paths": (
            "delete from attribution.conversion_paths where conversion_key = 11"
        ),
        "never: credit < 0 or credit > 1 or credit is null": (
            "update attribution.attributed_touches set credit = 1.5"
        ),
        "never: position > path_length": (
            "update attribution.attributed_touches set position = position + 1"
        ),
        "never: (touch_id is null) <> (channel in ('(unattributed)', '(no consent)'))": (
            "update attribution.attributed_touches set touch_id = null"
        ),
    },
    "attribution.markov_effects": {
        "period_grain, period_start, channel is unique": (
            "insert into attribution.markov_effects from attribution.markov_effects limit 1"
        ),
        "channel is filled": "update attribution.markov_effects set channel = null",
        "removal_effect is between 0 and 1": (
            "update attribution.markov_effects set removal_effect = 1.5"
        ),
        "the interval holds the removal effect": (
            "update attribution.markov_effects set removal_effect_lower = 0.9"
        ),
        "never: converting_paths > paths": (
            "update attribution.markov_effects set converting_paths = 5"
        ),
    },
    "attribution.mmm_weekly": {
        "week_start, geo, channel is unique": (
            "insert into attribution.mmm_weekly from attribution.mmm_weekly limit 1"
        ),
        "spend is filled": "update attribution.mmm_weekly set spend = null",
        "never: spend < 0 or impressions < 0 or clicks < 0": (
            "update attribution.mmm_weekly set spend = -1"
        ),
        "weeks are over": "update attribution.mmm_weekly set week_start = '2026-06-29'",
    },
    "attribution.budget_reallocation": {
        "basis, channel is unique": (
            "insert into attribution.budget_reallocation "
            "from attribution.budget_reallocation limit 1"
        ),
        "status has a known value": "update attribution.budget_reallocation set status = 'perhaps'",
        "proposed_spend is filled": (
            "update attribution.budget_reallocation set proposed_spend = null"
        ),
        "changes are what they say": (
            "update attribution.budget_reallocation set spend_change = spend_change + 1"
        ),
        "a refusal changes nothing and says why": (
            "update attribution.budget_reallocation set reason = null where channel = 'Display'"
        ),
        "a proposal rests on evidence": (
            "update attribution.budget_reallocation set marginal_return_lower = 0"
        ),
        "a proposal's curve forecasts better than last year": (
            "update attribution.budget_reallocation set holdout_error = 0.3"
        ),
        "the interval holds the return": (
            "update attribution.budget_reallocation set marginal_return_upper = 1"
        ),
    },
    "attribution.channel_performance": {
        "period_grain, period_start, channel, model, conversion_type is unique": (
            "insert into attribution.channel_performance "
            "from attribution.channel_performance limit 1"
        ),
        "channel is filled": "update attribution.channel_performance set channel = null",
        "never: spend < 0 or sessions < 0 or leads < 0 or conversions < 0 or new_customers < 0": (
            "update attribution.channel_performance set leads = -1"
        ),
        "never: total_costs <> spend + other_costs": (
            "update attribution.channel_performance set other_costs = 1"
        ),
        "never: roas is not null and not spend > 0": (
            "update attribution.channel_performance set spend = 0"
        ),
        "costs and returns are numbers": (
            "update attribution.channel_performance set cpl = 'inf'::double"
        ),
        "ratios are their parts": "update attribution.channel_performance set cpc = null",
    },
    "attribution.campaign_performance": {
        "period_grain, period_start, channel, campaign, model, conversion_type is unique": (
            "insert into attribution.campaign_performance "
            "from attribution.campaign_performance limit 1"
        ),
        "campaign is filled": ("update attribution.campaign_performance set campaign = null"),
        "never: spend < 0 or sessions < 0 or leads < 0 or conversions < 0 or new_customers < 0": (
            "update attribution.campaign_performance set leads = -1"
        ),
        "never: total_costs <> spend + other_costs": (
            "update attribution.campaign_performance set other_costs = 1"
        ),
        "never: roas is not null and not spend > 0": (
            "update attribution.campaign_performance set spend = 0"
        ),
        "costs and returns are numbers": (
            "update attribution.campaign_performance set cpl = 'inf'::double"
        ),
        "ratios are their parts": "update attribution.campaign_performance set cpc = null",
    },
    "attribution.tracking_gaps": {
        "gap, channel, value is unique": (
            "insert into attribution.tracking_gaps from attribution.tracking_gaps limit 1"
        ),
        "value is filled": "update attribution.tracking_gaps set value = null",
        "never: sessions + touches + events + leads = 0 and spend <= 0": (
            "update attribution.tracking_gaps set spend = 0"
        ),
        "never: first_seen_on > last_seen_on "
        "or last_seen_on > getvariable('as_of') + interval 1 day": (
            "update attribution.tracking_gaps set last_seen_on = '2026-01-01'"
        ),
    },
    "kpi.kpi_values": {
        "kpi_id, period_grain, period_start, dimension, segment is unique": (
            "insert into kpi.kpi_values from kpi.kpi_values limit 1"
        ),
        "kpi_id is filled": "update kpi.kpi_values set kpi_id = null",
        "kpi_id exists in kpi.kpi_definitions": "update kpi.kpi_values set kpi_id = 'nothing'",
        "segment is filled": "update kpi.kpi_values set segment = null",
        "period_grain has a known value": "update kpi.kpi_values set period_grain = 'fortnight'",
        "what has data has a value, but for costs that nobody billed": (
            "update kpi.kpi_values set value = null where numerator = 0 and denominator > 0"
        ),
        "never: not has_data and value is not null": "update kpi.kpi_values set has_data = false",
        "never: not isfinite(value)": "update kpi.kpi_values set value = 'nan'::double",
        "never: dimension = 'overall' and segment <> 'all'": (
            "update kpi.kpi_values set segment = 'FR'"
        ),
        "rates lie between 0 and 1": "update kpi.kpi_values set value = value * 100",
        "never: sample < 0": "update kpi.kpi_values set sample = -1",
        "never: is_complete and period_start > getvariable('as_of')": (
            "update kpi.kpi_values set period_start = '2027-01-01'"
        ),
    },
    "kpi.kpi_definitions": {
        "kpi_id is unique": "insert into kpi.kpi_definitions from kpi.kpi_definitions limit 1",
        "names and descriptions are there in both languages": (
            "update kpi.kpi_definitions set description_fr = ' '"
        ),
        "direction has a known value": "update kpi.kpi_definitions set direction = 'higher'",
        "never: is_measurable is null or has_objective is null": (
            "update kpi.kpi_definitions set has_objective = null"
        ),
        "what a selected KPI is made of is delivered": (
            "update kpi.kpi_definitions set is_measurable = false, missing_denominator = 'leads' "
            "where kpi_id = 'lead_conversion_rate'"
        ),
        "a selected KPI can be measured": "update kpi.kpi_definitions set is_measurable = false",
        "targets are within reach": "update kpi.kpi_definitions set is_target_realistic = false",
        "targets are held against something": "update kpi.kpi_definitions set lost_targets = 1",
        "a selected KPI serves an objective": (
            "update kpi.kpi_definitions set has_objective = false"
        ),
    },
    "kpi.kpi_scorecard": {
        "kpi_id, period_grain, dimension, segment is unique": (
            "insert into kpi.kpi_scorecard from kpi.kpi_scorecard limit 1"
        ),
        "status is filled": "update kpi.kpi_scorecard set status = null",
        "status has a known value": "update kpi.kpi_scorecard set status = 'great'",
        "data_status has a known value": "update kpi.kpi_scorecard set data_status = 'fine'",
        "a judged KPI has a target": "update kpi.kpi_scorecard set target_value = null",
        "never: value is null and status <> 'no_data'": (
            "update kpi.kpi_scorecard set value = null"
        ),
    },
    "kpi.kpi_alerts": {
        "alert_id is unique": "update kpi.kpi_alerts set alert_id = 'a1'",
        "kind has a known value": "update kpi.kpi_alerts set kind = 'hunch'",
        "cause_class has a known value": "update kpi.kpi_alerts set cause_class = 'weather'",
        "cause has a known value": "update kpi.kpi_alerts set cause = 'gremlins'",
        "severity has a known value": "update kpi.kpi_alerts set severity = 'red'",
        "observed is filled": "update kpi.kpi_alerts set observed = null",
        "kpi_id exists in kpi.kpi_values": "update kpi.kpi_alerts set kpi_id = 'turnover'",
        "alerts are of days that are over": (
            "update kpi.kpi_alerts set last_seen = '2026-07-01' where alert_id = 'a2'"
        ),
        "what is usual holds what was expected": "update kpi.kpi_alerts set expected = 120",
        "a stopped source is no business change": (
            "update kpi.kpi_alerts set data_status = 'stale', kind = 'pace' where alert_id = 'a1'"
        ),
    },
    "kpi.action_follow_up": {
        "action_id is unique": "update kpi.action_follow_up set action_id = 'A-1'",
        "verdict is filled": "update kpi.action_follow_up set verdict = null",
        "verdict has a known value": "update kpi.action_follow_up set verdict = 'a triumph'",
        "the interval holds the effect": "update kpi.action_follow_up set effect_upper = 0",
        "the adjusted interval holds the adjusted effect": (
            "update kpi.action_follow_up set adjusted_effect = 2"
        ),
        "an effect has its figures": "update kpi.action_follow_up set absolute_effect = null",
        "a verdict rests on evidence": (
            "update kpi.action_follow_up set verdict = 'improved' where action_id = 'A-2'"
        ),
        "no verdict before the review": (
            "update kpi.action_follow_up set verdict = 'no_evidence' where action_id = 'A-3'"
        ),
        "a cost is known in the reporting currency": (
            "update kpi.action_follow_up set cost_reporting = null"
        ),
    },
    "kpi.kpi_change_drivers": {
        (
            "kpi_id, period_grain, period_start, compared_with, dimension, segment, effect_kind"
            " is unique"
        ): "insert into kpi.kpi_change_drivers from kpi.kpi_change_drivers limit 1",
        "effect is filled": "update kpi.kpi_change_drivers set effect = null",
        "compared_with has a known value": (
            "update kpi.kpi_change_drivers set compared_with = 'next_year'"
        ),
        "effect_kind has a known value": "update kpi.kpi_change_drivers set effect_kind = 'luck'",
        "never: base_period_start >= period_start": (
            "update kpi.kpi_change_drivers set base_period_start = period_start"
        ),
        "the change is that of the values": "update kpi.kpi_change_drivers set kpi_value = 10",
    },
    "kpi.kpi_driver_tree": {
        (
            "tree, period_grain, period_start, compared_with, dimension, segment, driver is unique"
        ): "insert into kpi.kpi_driver_tree from kpi.kpi_driver_tree limit 1",
        "effect is filled": "update kpi.kpi_driver_tree set effect = null",
        "driver has a known value": "update kpi.kpi_driver_tree set driver = 'luck'",
        "never: revenue_change <> revenue - base_revenue": (
            "update kpi.kpi_driver_tree set base_revenue = 0"
        ),
        "never: base_period_start >= period_start": (
            "update kpi.kpi_driver_tree set base_period_start = '2027-01-01'"
        ),
    },
    "kpi.kpi_restatements": {
        "kpi_id, period_grain, period_start, statement_number is unique": (
            "insert into kpi.kpi_restatements from kpi.kpi_restatements limit 1"
        ),
        "stated_at is filled": "update kpi.kpi_restatements set stated_at = null",
        "cause has a known value": "update kpi.kpi_restatements set cause = 'magic'",
        "never: (statement_number = 0) <> (cause = 'first_stated')": (
            "update kpi.kpi_restatements set statement_number = 1"
        ),
        "never: stated_at > getvariable('as_of')": (
            "update kpi.kpi_restatements set stated_at = '2027-01-01'"
        ),
        "a change is understood": (
            "update kpi.kpi_restatements set cause = 'other', stated_at = '2026-07-01'"
        ),
    },
    "kpi.retention_cohorts": {
        "cohort_month, months_since is unique": (
            "insert into kpi.retention_cohorts from kpi.retention_cohorts limit 1"
        ),
        "retention is between 0 and 1": "update kpi.retention_cohorts set retention = 65.6",
        "never: active > customers or active < 0": "update kpi.retention_cohorts set active = 3",
        "never: months_since = 0 and active <> customers": (
            "update kpi.retention_cohorts set active = 1"
        ),
        "never: repeat_customers > customers": (
            "update kpi.retention_cohorts set repeat_customers = 3"
        ),
        "never: months_since < 0": (
            "update kpi.retention_cohorts set months_since = months_since - 1"
        ),
        "ratios are their parts": "update kpi.retention_cohorts set retention = null",
    },
    "kpi.retention_windows": {
        "cohort_month, window_number is unique": (
            "insert into kpi.retention_windows from kpi.retention_windows limit 1"
        ),
        "retention is between 0 and 1": "update kpi.retention_windows set retention = 2",
        "never: mature_customers > customers or active > mature_customers": (
            "update kpi.retention_windows set active = 3"
        ),
        "never: (mature_customers = 0) <> (retention is null)": (
            "update kpi.retention_windows set retention = 0"
        ),
        "never: window_number = 0 and retention < 1": (
            "update kpi.retention_windows set retention = 0.5"
        ),
        "ratios are their parts": "update kpi.retention_windows set retention = null",
    },
    "kpi.customer_value": {
        "customer_key is unique": "insert into kpi.customer_value from kpi.customer_value limit 1",
        "customer_key exists in core.dim_customers": (
            "update kpi.customer_value set customer_key = 99"
        ),
        "never: (orders > 0) <> (recency_score is not null)": (
            "update kpi.customer_value set recency_score = null"
        ),
        "never: recency_score not between 1 and 5 or frequency_score not between 1 and 5 or "
        "monetary_score not between 1 and 5": (
            "update kpi.customer_value set monetary_score = 6 where orders > 0"
        ),
        "never: lifetime_margin > lifetime_revenue": (
            "update kpi.customer_value set lifetime_margin = 1000"
        ),
        "never: probability_alive not between 0 and 1 or expected_purchases < 0": (
            "update kpi.customer_value set expected_purchases = -1"
        ),
        "a customer's days are in their order": "update kpi.customer_value set silent_days = 60",
        "a prediction is its parts": "update kpi.customer_value set predicted_revenue = 76",
        "never: (value_basis = 'predicted') <> (predicted_revenue is not null) or "
        "(value_basis = 'historic') <> (value_note is not null)": (
            "update kpi.customer_value set value_note = null"
        ),
    },
    "funnel.pipeline_stages": {
        "opportunity_key, visit_number is unique": (
            "insert into funnel.pipeline_stages from funnel.pipeline_stages limit 1"
        ),
        "entered_at is filled": "update funnel.pipeline_stages set entered_at = null",
        "opportunity_key exists in core.fct_opportunities": "delete from core.fct_opportunities",
        "never: hours < 0": "update funnel.pipeline_stages set hours = -1",
        "hours are those from entering to leaving": (
            "update funnel.pipeline_stages set hours = hours / 24"
        ),
        "outcome has a known value": "update funnel.pipeline_stages set outcome = 'sold'",
        "never: outcome = 'open' and exited_at is not null": (
            "update funnel.pipeline_stages set outcome = 'open'"
        ),
        "never: position is null": "update funnel.pipeline_stages set position = null",
    },
    "funnel.pipeline_velocity": {
        "period_grain, period_start, dimension, segment is unique": (
            "insert into funnel.pipeline_velocity from funnel.pipeline_velocity limit 1"
        ),
        "never: open_count < 0 or weighted_value > open_value and open_value >= 0": (
            "update funnel.pipeline_velocity set weighted_value = 1"
        ),
        "win_rate is between 0 and 1": "update funnel.pipeline_velocity set win_rate = 40",
        "never: won > closed": "update funnel.pipeline_velocity set won = 2",
        "never: cycle_days < 0": "update funnel.pipeline_velocity set cycle_days = -3",
        "ratios are their parts": "update funnel.pipeline_velocity set win_rate = null",
    },
    "kpi.rep_performance": {
        "period_grain, period_start, team, rep is unique": (
            "insert into kpi.rep_performance from kpi.rep_performance"
        ),
        "win_rate is between 0 and 1": "update kpi.rep_performance set win_rate = 40",
        "never: leads_worked > leads or won > closed": "update kpi.rep_performance set won = 2",
        "never: median_response_hours < 0": (
            "update kpi.rep_performance set median_response_hours = -1"
        ),
        "parts make the whole": "update kpi.rep_performance set calls = 2",
        "responses are of leads that were worked": (
            "update kpi.rep_performance set median_response_business_hours = 48"
        ),
        "never: quota < 0": "update kpi.rep_performance set quota = -1",
        "never: is_complete and attained_elapsed <> attained": (
            "update kpi.rep_performance set attained_elapsed = 299"
        ),
        (
            "never: team = '(unknown)' and rep <> '(unknown)' and"
            " (activities > 0 or leads > 0 or opportunities > 0 or closed > 0 or attained <> 0)"
        ): "update kpi.rep_performance set team = '(unknown)'",
        "ratios are their parts": "update kpi.rep_performance set win_rate = null",
    },
    "kpi.team_performance": {
        "period_grain, period_start, dimension, segment is unique": (
            "insert into kpi.team_performance from kpi.team_performance"
        ),
        "win_rate is between 0 and 1": "update kpi.team_performance set win_rate = 40",
        "never: leads_worked > leads or won > closed": (
            "update kpi.team_performance set leads_worked = 2"
        ),
        "never: is_complete and attained_elapsed <> attained": (
            "update kpi.team_performance set attained_elapsed = 299"
        ),
        "parts make the whole": "update kpi.team_performance set lost = 3",
        "responses are of leads that were worked": (
            "update kpi.team_performance set leads_worked = 0"
        ),
        "quota_source has a known value": (
            "update kpi.team_performance set quota_source = 'somebody'"
        ),
        "never: (quota is null) <> (quota_source = 'none')": (
            "update kpi.team_performance set quota = null"
        ),
        "ratios are their parts": "update kpi.team_performance set leads_worked_rate = null",
    },
    "audits.no_address_is_published": {
        "no text holds an e-mail address": (
            "update core.fct_leads set channel = 'Ann <ann.lee%40example.com>' where lead_key = "
            "(select min(lead_key) from core.fct_leads)"
        ),
    },
    "audits.sales_agree": {
        "never: all_won <> won": "update core.fct_opportunities set amount = 400",
        "never: reps_sums <> all_sums or teams_sums <> all_sums": (
            "update kpi.rep_performance set refunded = 1"
        ),
        "never: deals_shown <> deals": "delete from core.fct_opportunities",
        "never: revenue_shown <> revenue": "update core.fct_orders set rep_key = 1",
        "never: leads_shown <> leads": "delete from core.fct_leads",
        "never: activities_shown <> activities": "delete from core.fct_activities",
        "never: kinds_shown <> kinds": "update core.fct_activities set activity_type = 'email'",
    },
    "audits.sales_count_once": {
        "deals are not fulfilled by orders": (
            "insert into core.fct_opportunities by name select * exclude (n) replace (71 + n as "
            "opportunity_key, 'D1' || n as opportunity_id) from core.fct_opportunities, "
            "range(1, 3) as copies (n); update core.fct_orders set person_key = 3, net_revenue = "
            "case order_key when 11 then 300 else 190 end where order_key in (11, 12)"
        ),
    },
    "audits.crm_days_are_there": {
        # The first data of the sales team's system are two weeks older.
        "never: records = 0 and usual >= 5": (
            "delete from core.fct_activities; delete from core.fct_leads; "
            "delete from funnel.pipeline_stages; "
            "insert into core.fct_activities (activity_date) "
            "select date_day from core.dim_dates, range(5) "
            "where date_day >= '2026-06-08' and date_day <> '2026-06-22'"
        ),
        "never: records > 0 and records < 0.2 * usual and usual >= 20": (
            "insert into core.fct_activities (activity_date) "
            "select date_day from core.dim_dates, range(20) as t (i) "
            "where date_day <> '2026-06-22' or i = 0"
        ),
    },
    "audits.deals_agree": {
        "deals and their stages are of the same deals": "delete from funnel.pipeline_stages",
        "never: is_open <> is_open_in_pipeline": (
            "update core.fct_opportunities set is_closed = false"
        ),
    },
    "audits.deals_have_their_leads": {
        "the lead that a deal names is there": "update core.fct_opportunities set lead_key = null",
    },
    "audits.pipeline_agrees": {
        # Of the latest year, whatever begins later.
        "never: shown <> deals": (
            "insert into funnel.pipeline_velocity from (select * replace ('day' as period_grain, "
            "'2026-06-30'::date as period_start) from funnel.pipeline_velocity); "
            "update funnel.pipeline_stages set outcome = 'open'"
        ),
        "never: value_shown <> value": (
            "update funnel.pipeline_velocity set open_value = 5 where dimension = 'team'"
        ),
        "the weighted value is that of the open deals": (
            "update funnel.pipeline_velocity set weighted_value = 5"
        ),
        # Of a period that is not the latest one.
        "never: figures_shown <> figures": (
            "insert into funnel.pipeline_velocity from (select * replace ('2025-01-01'::date as "
            "period_start, case dimension when 'rep' then 5 else won end as won) "
            "from funnel.pipeline_velocity)"
        ),
    },
    "kpi.service_performance": {
        "period_grain, period_start, dimension, segment is unique": (
            "insert into kpi.service_performance from kpi.service_performance limit 1"
        ),
        "never: replied > tickets or ever_solved > tickets"
        " or greatest(solved, reopened) > ever_solved": (
            "update kpi.service_performance set reopened = 3"
        ),
        "never: mean_first_response_business_hours > mean_first_response_hours + 0.000001 or "
        "mean_resolution_business_hours > mean_resolution_hours + 0.000001": (
            "update kpi.service_performance set mean_resolution_business_hours = 2.5"
        ),
        "times are in their order": (
            "update kpi.service_performance set median_resolution_business_hours = 4"
        ),
        "never: replied = 0 and median_first_response_hours is not null"
        " or ever_solved = 0 and median_resolution_hours is not null": (
            "update kpi.service_performance set replied = 0"
        ),
        "no more promises are kept than made": (
            "update kpi.service_performance set resolution_sla_met = 3"
        ),
        "never: backlog < 0": "update kpi.service_performance set backlog = -1",
        "csat_rate is between 0 and 1": "update kpi.service_performance set csat_rate = 80",
        "nps is between -100 and 100": "update kpi.service_performance set nps = 120",
        "never: csat_answers > csat_surveys or nps_answers > nps_surveys": (
            "update kpi.service_performance set csat_surveys = 0"
        ),
        "ratios are their parts": "update kpi.service_performance set csat_rate = null",
    },
    "kpi.satisfaction_repurchase": {
        "period_grain, period_start, survey, score_band is unique": (
            "insert into kpi.satisfaction_repurchase from kpi.satisfaction_repurchase limit 1"
        ),
        "score_band has a known value": (
            "update kpi.satisfaction_repurchase set score_band = 'happy'"
        ),
        "never: repurchased > mature_surveys or mature_surveys > surveys": (
            "update kpi.satisfaction_repurchase set repurchased = 5"
        ),
        "never: repurchase_rate not between repurchase_rate_low - 0.000001 and "
        "repurchase_rate_high + 0.000001": (
            "update kpi.satisfaction_repurchase set repurchase_rate = 0.9"
        ),
        "ratios are their parts": "update kpi.satisfaction_repurchase set repurchase_rate = null",
    },
    "audits.ad_spend_adds_up": {
        "never: counted > reported": "update core.fct_ad_spend set reported_spend = 24",
        "never: counted < campaign": (
            "update core.fct_ad_spend set grain = 'campaign', reported_spend = 26"
        ),
        "what is reported once counts in full": "update core.fct_ad_spend set reported_spend = 26",
        "never: repeated > 0": "insert into core.fct_ad_spend from core.fct_ad_spend",
        "ads cost no more than their campaign": (
            "insert into core.fct_ad_spend by name "
            "select * replace "
            "('campaign' as grain, null as ad_id, 20 as reported_spend, 0 as spend) "
            "from core.fct_ad_spend"
        ),
    },
    "audits.sales_are_counted": {
        "some order is a sale": (
            "insert into core.fct_orders by name "
            "select * exclude (i) replace (100 + i as order_key, 'paid' as status) "
            "from core.fct_orders cross join range(30) as t (i) where order_key = 13; "
            "update core.fct_orders set status = 'paid', is_revenue = false, channel = null"
        ),
        "every shop sells": (
            "insert into core.fct_orders by name "
            "select * exclude (i) replace "
            "(100 + i as order_key, 'another shop' as source_name, 'paid' as status) "
            "from core.fct_orders cross join range(30) as t (i) where order_key = 13"
        ),
        "no status comes up that is no sale": (
            "insert into core.fct_orders by name "
            "select * exclude (i) replace (100 + i as order_key, 'settled' as status) "
            "from core.fct_orders cross join range(5) as t (i) where order_key = 13"
        ),
    },
    "audits.funnel_steps_are_taken": {
        "every step is taken by somebody": (
            "update funnel.funnel_conversion set cohort_size = 30; "
            "update funnel.funnel_conversion set skipped = entered where step_number = 2"
        ),
    },
    "audits.actions_fit_their_kpi": {
        "actions are about segments that there are": (
            "update kpi.action_follow_up set control_segment = 'France' where action_id = 'A-1'"
        ),
        "actions are judged by their review day": (
            "update kpi.action_follow_up set verdict = 'too_early', effect = null,"
            " effect_lower = null, effect_upper = null where action_id = 'A-1'"
        ),
    },
    "audits.something_came": {
        "some raw table has rows": "update core.source_health set row_count = 0",
    },
    "audits.orders_add_up": {
        "an order is the sum of its lines": "update core.fct_orders set total = total * 1.2",
    },
    "audits.attribution_adds_up": {
        "never: credit is null": (
            "delete from attribution.attributed_touches where conversion_key = 12 "
            "and model = 'linear'"
        ),
        "never: credit <> 1": ("delete from attribution.attributed_touches where touch_id = 32"),
        "never: revenue_given is distinct from revenue": (
            "update attribution.attributed_touches set attributed_revenue = 49.99 "
            "where touch_id = 32"
        ),
    },
    "audits.budgets_add_up": {
        "the total stays": (
            "update attribution.budget_reallocation set proposed_spend = proposed_spend + 0.01"
        ),
    },
    "audits.campaigns_add_up": {
        "campaigns add up to their channel": (
            "update attribution.campaign_performance set sessions = 7 where channel = 'Email'"
        ),
        "the cost of a campaign is what was charged": (
            "update attribution.campaign_performance set spend = 24 where spend = 25"
        ),
    },
    "audits.channels_add_up": {
        "never: channel_revenue <> touch_revenue": (
            "delete from attribution.channel_performance where channel = '(unattributed)'"
        ),
        "never: channel_refunded <> refunded": "update core.fct_refunds set is_revenue = false",
        "never: channel_spend <> ad_spend": "update core.fct_ad_spend set spend = 26",
        "never: channel_sessions <> sessions": "delete from core.fct_sessions",
    },
    "audits.spend_meets_visits": {
        "advertising is billed where its visits come": (
            "update core.fct_ad_spend set channel = 'Paid Other'"
        ),
    },
    "audits.gaps_agree": {
        "never: listed_sessions <> sessions": (
            "update core.fct_sessions set channel = 'Unassigned' where session_key = 31"
        ),
        "never: listed_spend <> spend": "update core.fct_ad_spend set channel = 'Unassigned'",
    },
    "audits.cohorts_agree": {
        "never: buyers_shown <> buyers": "update kpi.retention_cohorts set customers = 1",
        "never: active_shown <> active": (
            "update kpi.retention_cohorts set active = customers where months_since = 1"
        ),
        "never: revenue_shown <> revenue": "update kpi.retention_cohorts set revenue = 1",
        "never: window_revenue_shown <> revenue": "update kpi.retention_windows set revenue = 1",
        "never: lifetime_shown <> lifetime": "update kpi.customer_value set lifetime_revenue = 1",
    },
    "audits.conversions_agree": {
        "never: sales > conversions": (
            "delete from attribution.conversion_paths where conversion_type = 'opportunity'"
        ),
        "never: conversions > sales": "update core.fct_orders set is_revenue = false",
        "revenue of sale and conversion agree": (
            "update attribution.conversion_paths set revenue = revenue / 100"
        ),
    },
    "audits.customers_agree": {
        "never: orders_shown <> orders_booked": "update core.dim_customers set orders = 7",
        "never: revenue_shown <> revenue_booked": (
            "update core.dim_customers set lifetime_revenue = 100 where customer_key = 1"
        ),
        "never: first_orders <> 1": "update core.fct_orders set is_first_order = false",
    },
    "audits.funnel_never_rises": {
        "steps never rise": (
            "update funnel.funnel_conversion set entered = 5 where step = 'purchase'"
        ),
    },
    "audits.funnel_segments_add_up": {
        "never: divided <> undivided": (
            "delete from funnel.cart_abandonment where segment = 'Email'"
        ),
    },
    "audits.kpi_periods_add_up": {
        "days add up to longer periods": (
            "delete from kpi.kpi_values where period_grain = 'day' and period_start = '2026-05-20'"
        ),
    },
    "audits.kpi_segments_add_up": {
        "never: numerator <> total_numerator": "delete from kpi.kpi_values where segment = 'DE'",
        "never: denominator <> total_denominator": (
            "delete from kpi.kpi_values where segment = 'Email'"
        ),
    },
    "audits.lead_sources_agree": {
        "never: leads_shown <> leads": "delete from funnel.lead_sources where level = 'channel'",
        "never: spend_shown <> spend": "update core.fct_ad_spend set spend = 26",
        "never: revenue_shown <> revenue": "update core.fct_opportunities set amount = 501",
    },
    "audits.markov_weights_add_up": {
        "weights add up": "update attribution.markov_effects set weight = 0.6",
    },
    "audits.margins_agree": {
        "never: shown is distinct from earned": (
            "update attribution.attributed_touches set attributed_margin = null where touch_id = 32"
        ),
    },
    "audits.mix_model_agrees": {
        "a channel has the cost and the visits of its week": (
            "update attribution.mmm_weekly set spend = 24 where spend = 25"
        ),
        "a week has its sales": "update attribution.mmm_weekly set revenue = 200",
    },
    "audits.paths_agree": {
        "a path is as long as its touches": (
            "update attribution.conversion_paths set touches = 3 where touches = 2"
        ),
        "a path begins and ends with its touches": (
            "update attribution.conversion_paths set first_channel = last_channel"
        ),
    },
    "audits.page_visits_agree": {
        "never: entries <> exits": "update funnel.page_engagement set exits = 0",
        "never: entries > visits": "delete from core.fct_sessions",
        "a page's month is made of its days": (
            "update funnel.page_engagement set people = 1 where period_grain = 'month'"
        ),
    },
    "audits.refunds_agree": {
        "refunds agree": "delete from core.fct_refunds",
    },
    "audits.revenue_agrees": {
        "never: booked <> shown": (
            "insert into core.fct_orders from core.fct_orders where order_date = '2026-05-20'"
        ),
    },
    "audits.scorecard_agrees": {
        "never: shown is distinct from computed": "update kpi.kpi_scorecard set value = 1.4",
        (
            "never: previous_shown <> coalesce(previous_computed, 0)"
            " or last_year_shown <> coalesce(last_year_computed, 0)"
        ): "update kpi.kpi_scorecard set last_year_value = 139",
    },
    "audits.change_effects_add_up": {
        "never: effects <> change": "delete from kpi.kpi_change_drivers where segment = 'DE'",
        "values are those of the KPI": "update kpi.kpi_change_drivers set base_kpi_value = 1",
        "parts are those of the KPI": "update kpi.kpi_change_drivers set base_numerator = 1",
    },
    "audits.driver_trees_add_up": {
        "never: effects <> revenue_change": (
            "delete from kpi.kpi_driver_tree where driver = 'refunds'"
        ),
        "never: tree = 'revenue' and revenue <> shown": (
            "update kpi.kpi_driver_tree set revenue = 10"
        ),
    },
    "audits.statements_agree": {
        "the last statement is what is shown": (
            "update kpi.kpi_restatements set numerator = 1 where period_grain = 'year'"
        ),
    },
    "audits.service_adds_up": {
        "never: tickets_shown <> tickets": (
            "delete from kpi.service_performance where segment = 'email'"
        ),
        "never: backlog_shown <> backlog": (
            "update kpi.service_performance set backlog = 0 where segment = 'email'"
        ),
        "never: answers_shown <> answers": (
            "update kpi.service_performance set csat_answers = 0 where segment = 'email'"
        ),
        "never: counts_shown <> counts": (
            "update kpi.service_performance set nps_detractors = 1 where segment = 'email'"
        ),
    },
    "audits.tickets_agree": {
        "never: tickets_shown <> tickets": "delete from core.fct_tickets",
        "never: satisfied_shown <> satisfied": "delete from core.fct_survey_responses",
        "promoters and detractors are those who answered so": (
            "update core.fct_survey_responses set score_category = 'promoter'"
        ),
    },
    "audits.sessions_agree": {
        "never: counted <> shown": (
            "delete from core.fct_sessions where session_date = '2026-06-01'"
        ),
    },
}

# What is missing on either side of a comparison, in whole: by suite, expectation and fault.
MISSING = (
    (
        "audits.campaigns_add_up",
        "campaigns add up to their channel",
        "delete from attribution.campaign_performance where channel = 'Email'",
    ),
    (
        "audits.campaigns_add_up",
        "campaigns add up to their channel",
        "delete from attribution.channel_performance where channel = 'Email'",
    ),
    (
        "audits.campaigns_add_up",
        "the cost of a campaign is what was charged",
        "delete from attribution.campaign_performance where spend > 0",
    ),
    (
        "audits.campaigns_add_up",
        "the cost of a campaign is what was charged",
        "delete from core.fct_ad_spend",
    ),
    (
        "audits.campaigns_add_up",
        "the cost of a campaign is what was charged",
        "update attribution.campaign_performance set clicks = null",
    ),
    (
        "audits.campaigns_add_up",
        "campaigns add up to their channel",
        "update attribution.channel_performance set attributed_margin = attributed_margin + 1",
    ),
    (
        "audits.campaigns_add_up",
        "campaigns add up to their channel",
        "update attribution.channel_performance set new_customers = null",
    ),
    (
        "audits.channels_add_up",
        "never: channel_revenue <> touch_revenue",
        "delete from attribution.channel_performance where model = 'linear'",
    ),
    (
        "audits.channels_add_up",
        "never: channel_revenue <> touch_revenue",
        "delete from attribution.attributed_touches where model = 'linear'",
    ),
    (
        "audits.channels_add_up",
        "never: channel_spend <> ad_spend",
        "update attribution.channel_performance set spend = null",
    ),
    (
        "audits.channels_add_up",
        "never: channel_spend <> ad_spend",
        "delete from core.fct_ad_spend",
    ),
    (
        "audits.conversions_agree",
        "never: sales > conversions",
        "delete from attribution.conversion_paths where conversion_type = 'order'",
    ),
    (
        "audits.conversions_agree",
        "never: conversions > sales",
        "delete from core.fct_opportunities",
    ),
    (
        "audits.customers_agree",
        "never: orders_shown <> orders_booked",
        "update core.dim_customers set orders = null",
    ),
    (
        "audits.deals_agree",
        "deals and their stages are of the same deals",
        "delete from core.fct_opportunities",
    ),
    (
        "audits.funnel_segments_add_up",
        "never: divided <> undivided",
        "insert into funnel.cart_abandonment by name select * replace ("
        "'2026-07-01'::date as period_start) "
        "from funnel.cart_abandonment where dimension = 'overall'",
    ),
    (
        "audits.funnel_segments_add_up",
        "never: divided <> undivided",
        "delete from funnel.cart_abandonment where dimension = 'overall'",
    ),
    (
        "audits.kpi_periods_add_up",
        "days add up to longer periods",
        "delete from kpi.kpi_values where period_grain = 'day' and period_start < '2026-06-01'",
    ),
    (
        "audits.kpi_periods_add_up",
        "days add up to longer periods",
        "delete from kpi.kpi_values where period_grain = 'month'",
    ),
    (
        "audits.kpi_segments_add_up",
        "never: numerator <> total_numerator",
        "delete from kpi.kpi_values where dimension = 'country' and period_start = '2026-06-01'",
    ),
    (
        "audits.kpi_segments_add_up",
        "never: denominator <> total_denominator",
        "delete from kpi.kpi_values where dimension = 'overall' and period_start = '2026-06-01'",
    ),
    (
        "audits.pipeline_agrees",
        "never: shown <> deals",
        "delete from funnel.pipeline_velocity; update funnel.pipeline_stages set outcome = 'open'",
    ),
    (
        "audits.revenue_agrees",
        "never: booked <> shown",
        "delete from kpi.kpi_values where period_start = '2026-05-01'",
    ),
    (
        "audits.revenue_agrees",
        "never: booked <> shown",
        "delete from core.fct_orders; delete from core.fct_refunds",
    ),
    (
        "audits.service_adds_up",
        "never: tickets_shown <> tickets",
        "insert into kpi.service_performance by name select * replace ("
        "'2026-06-01'::date as period_start) "
        "from kpi.service_performance where dimension = 'overall'",
    ),
    (
        "audits.sessions_agree",
        "never: counted <> shown",
        "delete from kpi.kpi_values where period_start = '2026-06-01'",
    ),
    (
        "audits.sessions_agree",
        "never: counted <> shown",
        "delete from core.fct_sessions where session_date >= '2026-06-01'",
    ),
)
