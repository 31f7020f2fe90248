"""What one system names is there under the same identifier in the system that has it.

Identifiers are compared as they are written, and never mended. Some programs write a column of
numbers as `12345.0`, drop leading zeros, or put `'` before each.
"""

from expectations.suite import Suite, never

# Where each kind of identifier is at home. Who ordered is a customer, on a list or not.
_HOMES = {
    "customer": "select customer_id from core.dim_customers where is_identified or orders > 0",
    "listed customer": "select customer_id from core.dim_customers where is_identified",
    "lead": "select lead_id from core.fct_leads",
    "opportunity": "select opportunity_id from core.fct_opportunities",
    "order": "select order_id from core.fct_orders",
    "ticket": "select ticket_id from core.fct_tickets",
    "product": "select product_id from core.dim_products where is_listed",
    "rep": "select rep_id from core.dim_sales_reps",
}
# Kinds of which other suites warn that some are not there, or which need not be.
_TOLD_ELSEWHERE = ("listed customer", "product", "rep")

# Who names what: the kind, the raw table and its column, and the published table that keeps it.
_NAMED = (
    ("lead", "crm_opportunities", "lead_id", "core.fct_opportunities"),
    ("lead", "crm_activities", "lead_id", "core.fct_activities"),
    ("lead", "survey_responses", "lead_id", "core.fct_survey_responses"),
    ("opportunity", "crm_leads", "opportunity_id", "core.fct_leads"),
    ("opportunity", "crm_activities", "opportunity_id", "core.fct_activities"),
    ("order", "shop_refunds", "order_id", "core.fct_refunds"),
    ("order", "survey_responses", "order_id", "core.fct_survey_responses"),
    ("ticket", "survey_responses", "ticket_id", "core.fct_survey_responses"),
    ("product", "shop_order_items", "product_id", "core.fct_order_items"),
    ("rep", "crm_leads", "owner_rep_id", "core.fct_leads"),
    ("rep", "crm_opportunities", "owner_rep_id", "core.fct_opportunities"),
    ("rep", "crm_activities", "rep_id", "core.fct_activities"),
    ("rep", "shop_orders", "rep_id", "core.fct_orders"),
    ("rep", "support_tickets", "assignee_id", "core.fct_tickets"),
)
# What no published table keeps.
_NAMED_IN_RAW = (
    ("lead", "crm_campaign_members", "lead_id"),
    ("lead", "web_events", "lead_id"),
    ("order", "web_events", "order_id"),
)
# Facts keep the key of their customer, who has a row whether a shop knows them or not.
_WITH_CUSTOMER = (
    ("listed customer", "shop_orders", "core.fct_orders"),
    ("customer", "shop_refunds", "core.fct_refunds"),
    ("customer", "crm_leads", "core.fct_leads"),
    ("customer", "crm_opportunities", "core.fct_opportunities"),
    ("customer", "support_tickets", "core.fct_tickets"),
    ("customer", "survey_responses", "core.fct_survey_responses"),
)

_KNOWN = " union ".join(
    f"select '{kind}' as kind, id from ({home}) as homes (id)" for kind, home in _HOMES.items()
)
_REFERENCES = " union ".join(
    (
        *(
            f"""
            select
                '{kind}' as kind, '{raw}' as raw_table, '{column}' as part, source_name,
                {column} as id
            from {table}
            """
            for kind, raw, column, table in _NAMED
        ),
        *(
            f"select '{kind}', '{raw}', '{column}', _source, trim({column}) from sources.raw.{raw}"
            for kind, raw, column in _NAMED_IN_RAW
        ),
        *(
            f"""
            select '{kind}', '{raw}', 'customer_id', facts.source_name, customers.customer_id
            from {table} as facts
            inner join core.dim_customers as customers using (customer_key)
            """
            for kind, raw, table in _WITH_CUSTOMER
        ),
    )
)

# A number without what such programs add or drop; empty for what is none.
_NUMBER = "regexp_extract(id, '^''?0*([0-9]+)([.]0+)?$', 1)"

SUITE = Suite(
    name="audits.identifiers_meet",
    table="core.fct_orders",
    read="counts",
    needs_sources=True,
    query=f"""
        with known as (
            select kind, id, {_NUMBER} as number
            from ({_KNOWN})
        ),

        named as (
            select *, {_NUMBER} as number
            from ({_REFERENCES})
            where id <> ''
        )

        select
            raw_table,
            part,
            source_name,
            kind in (select kind from known)
            and kind not in ('{"', '".join(_TOLD_ELSEWHERE)}') as is_told_here,
            count(*) as ids,
            count(*) filter (where is_known) as ids_known,
            count(*) filter (where not is_known and is_known_otherwise) as ids_written_otherwise
        from (
            select
                *,
                (kind, id) in (select (kind, id) from known) as is_known,
                number <> '' and (kind, number) in (select (kind, number) from known)
                    as is_known_otherwise
            from named
        )
        group by kind, raw_table, part, source_name
    """,
    expectations=(
        never(
            "ids_written_otherwise > 0",
            name="a number is written alike everywhere",
            owner="data",
            sentence="Identifiers of a source meet nothing, and would if their numbers were written"
            " as elsewhere: 12345.0, 012345 and '12345 are not 12345. Write them alike in"
            " source.yaml, `make rebuild`, `make refresh`.",
        )
        .telling("raw_table", "part", "source_name")
        .as_warning(),
        never(
            "is_told_here and ids >= 30 and ids_known + ids_written_otherwise = 0",
            name="some of what is named is there",
            owner="data",
            sentence="Not one of the identifiers that a source names is known where it belongs, so"
            " that nothing of the two is joined. Deliver those that both systems have.",
        )
        .telling("raw_table", "part", "source_name")
        .as_warning(),
    ),
)
