"""Business faults in a release with a past, by suite and expectation: see `faults.py`.

The audit runs as of 2026-07-01 00:00; the release before is the clean one, a day older. It is told
of the work database that the clean one could have been made from.
"""

_ORDERS_AGAIN = (
    "insert into core.fct_orders by name select * replace (order_key + 1000000 as order_key) "
    "from core.fct_orders where order_date = "
)

FAULTS = {
    "audits.closed_days_stay": {
        "no closed day doubles": f"{_ORDERS_AGAIN} '2026-06-10'",
        "no closed day is lost": "delete from core.fct_sessions where session_date = '2026-06-10'",
        "no small day loses half": (
            "delete from core.fct_survey_responses where source_name = 'nps_tool' "
            "and sent_date = '2026-06-10' and response_key % 2 = 0"
        ),
        "no closed day is worth something else": (
            "update core.fct_orders set net_revenue = net_revenue * 100 "
            "where order_date = '2026-06-10'"
        ),
        "no closed month moves much": (
            "delete from core.fct_leads where lead_key % 8 = 0 and created_date < '2026-04-01'"
        ),
    },
    "audits.no_source_repeats_another": {
        "no new source brings the past of others": (
            "insert into core.fct_orders by name select * replace "
            "(order_key + 1000000 as order_key, 'new_shop' as source_name) "
            "from core.fct_orders where order_date between '2026-05-02' and '2026-06-20'"
        ),
    },
    "audits.history_is_not_rewritten": {
        "rows keep their keys": "update core.fct_tickets set ticket_key = ticket_key + 1000000",
        "rows keep their instants": (
            "update core.fct_sessions set started_at = started_at + interval 1 hour"
        ),
        "rows keep their currency": "update core.fct_orders set currency = 'EUR'",
        "rows keep their amounts": (
            "update core.fct_refunds set refunded = refunded * 1.3 where refund_key % 3 = 0"
        ),
        "amounts are not corrected by the dozen": (
            "update core.fct_orders set net_revenue = net_revenue * 1.01"
        ),
        "rows keep their channel": (
            "update core.fct_sessions set channel = 'PPC' where channel = 'Paid Search'"
        ),
    },
    "audits.rows_lie_in_the_calendar": {
        "no row lies before the calendar": (
            "update core.fct_leads set created_date = '1970-01-01' where lead_key = 105"
        ),
    },
    "audits.new_days_look_usual": {
        "no new day is doubled": (
            "insert into core.fct_sessions by name "
            "select * replace (session_key + 1000000 as session_key) "
            "from core.fct_sessions where session_date = '2026-06-30'"
        ),
        "no new day is cut short": (
            "delete from core.fct_sessions "
            "where session_date = '2026-06-30' and session_key % 4 <> 0"
        ),
    },
    "audits.sources_keep_coming": {
        "daily sources have the newest day": (
            "delete from core.fct_ad_spend "
            "where channel = 'Paid Search' and spend_date = '2026-06-30'"
        ),
    },
    "audits.new_amounts_look_usual": {
        "no price is off by a factor of ten": (
            "update core.fct_orders set net_revenue = net_revenue * 100 "
            "where order_date >= '2026-06-29'"
        ),
        "no price doubles": (
            "update core.fct_ad_spend set reported_spend = reported_spend * 3 "
            "where spend_date >= '2026-06-29'"
        ),
        "no new price is beyond all others": (
            "update core.fct_refunds set refunded = refunded * 100 "
            "where refund_key = (select max(refund_key) from core.fct_refunds)"
        ),
        "no day of clicks is all but free": (
            "update core.fct_ad_spend set reported_spend = 0, spend = 0 "
            "where spend_date = '2026-06-30'"
        ),
    },
    "audits.currencies_and_rates_stay": {
        "no source changes its currency": (
            "update core.fct_ad_spend set currency = 'USD' where spend_date >= '2026-06-24'"
        ),
        "no source has a new currency": (
            "update core.fct_ad_spend set currency = 'USD' where spend_date = '2026-06-30'"
        ),
        "no rate jumps": (
            "update core.fct_orders set exchange_rate = 0.6 where order_date >= '2026-06-24'; "
            "update core.fct_refunds set exchange_rate = 0.6 where refund_date >= '2026-06-24'"
        ),
        "no rate stands still": (
            "update core.fct_orders set exchange_rate = 1.2 where order_date >= '2026-06-05'; "
            "update core.fct_refunds set exchange_rate = 1.2 where refund_date >= '2026-06-05'"
        ),
        "rates are those of the day": (
            "update core.fct_orders set is_rate_extrapolated = true where order_date = '2026-06-30'"
        ),
    },
    "audits.business_days_hold": {
        "never: is_on_other_day": (
            "update core.fct_orders set order_date = order_date - 1 where order_key % 20 = 0"
        ),
    },
    "audits.no_day_is_a_copy": {
        "no day comes twice": f"{_ORDERS_AGAIN} '2026-06-30'",
        "no day is yesterday again": (
            "delete from core.fct_ad_spend where spend_date = '2026-06-30'; "
            "insert into core.fct_ad_spend by name select * replace "
            "(ad_spend_key + 1000000 as ad_spend_key, date '2026-06-30' as spend_date) "
            "from core.fct_ad_spend where spend_date = '2026-06-29'"
        ),
        "no day's events come twice": (
            "update core.fct_sessions set event_count = event_count * 2 "
            "where session_date = '2026-06-27'"
        ),
    },
    "audits.new_rows_are_filled": {
        "new rows are as complete as old ones": (
            "update core.fct_orders set customer_key = null where order_date >= '2026-06-28'"
        ),
    },
    "audits.tables_keep_their_size": {
        "no table doubles": (
            "create or replace table core.fct_leads as "
            "from core.fct_leads union all from core.fct_leads"
        ),
        "no table loses half": (
            "create or replace table core.fct_leads as from core.fct_leads where lead_key % 4 = 0"
        ),
    },
    "audits.tables_stay": {
        "no table is gone": "drop table core.fct_survey_responses",
    },
    "audits.targets_fit_their_kpi": {
        "targets are in the unit of their KPI": "update kpi.kpi_scorecard set target_value = 1.2",
    },
    "audits.facts_hold_what_came": {
        "nothing that came is lost": "delete from core.fct_leads where lead_key = 105",
        "nothing is published that did not come": (
            "insert into core.fct_refunds from core.fct_refunds limit 1"
        ),
        "amounts are those that came": (
            "update core.fct_ad_spend set reported_spend = reported_spend + 0.01 "
            "where ad_spend_key = 105"
        ),
    },
    "audits.order_lines_are_whole": {
        "never: item_count <> lines": "update core.fct_orders set item_count = 2",
        "never: gross_revenue <> goods": (
            "update core.fct_orders set gross_revenue = gross_revenue + 0.0001"
        ),
    },
    "audits.order_lines_have_orders": {
        "every line has its order": (
            "update sources.raw.shop_order_items set order_id = 'nowhere' where order_id = ("
            "select min(order_id) from sources.raw.shop_order_items)"
        ),
    },
    "audits.rows_have_one_spelling": {
        "a row has one spelling of its number": (
            "update core.fct_leads set lead_id = '7' where lead_key = 105; "
            "update core.fct_leads set lead_id = '7.0' where lead_key = 106"
        ),
    },
    "audits.events_keep_their_names": {
        "events of funnels and carts keep coming": (
            "update sources.raw.web_events set event_name = 'into_the_bag' "
            "where event_name = 'add_to_cart' and occurred_at >= '2026-06-24'"
        ),
    },
    "audits.identifiers_meet": {
        "a number is written alike everywhere": (
            "insert into core.dim_customers select 1, customer_id || '.0', 'DE', 0, false "
            "from core.dim_customers limit 1; "
            "update core.fct_tickets set customer_key = 1 where ticket_key = 105"
        ),
        "some of what is named is there": (
            "update sources.raw.crm_campaign_members set lead_id = 'contact of ' || lead_id"
        ),
    },
    "audits.deals_have_an_outcome": {
        "of every closed deal it is known whether it was won": (
            "update sources.raw.crm_stages set stage = 'another'"
        ),
    },
    "audits.funnels_are_entered": {
        "every funnel is entered by somebody": (
            "update seeds.funnel_steps set funnel = 'trial' where event_or_stage = 'quote_asked'"
        ),
        "visits begin on the page of every funnel": (
            "delete from funnel.funnel_conversion where funnel = 'landing'"
        ),
    },
    "audits.promises_have_tickets": {
        "every promise has tickets": "update seeds.sla_targets set priority = 'urgnt'",
    },
    "audits.holidays_meet_countries": {
        "holidays name countries as the sources do": (
            "update core.dim_business_days set country = 'Germany'"
        ),
    },
    "audits.benchmarks_fit_their_kpi": {
        "benchmarks are in the unit of their KPI": (
            "update seeds.kpi_benchmarks set value = value::double * 100 "
            "where competitor = 'Globex'"
        ),
        "a competitor has one name": (
            "insert into seeds.kpi_benchmarks by name "
            "select * replace ('Globx' as competitor) from seeds.kpi_benchmarks "
            "where competitor = 'Globex'"
        ),
    },
    "audits.ledger_adds_up": {
        "never: read <> accounted": (
            "update sources.ops.ledger set rows_repeated = 2 where table_name = 'shop_orders'"
        ),
        "what is shown of sources is the ledger's": (
            "update core.source_health set rows_quarantined = 0"
        ),
        "each row that is held back has its reason": "delete from core.quarantined_rows",
    },
}
