"""New rows know their customer, rep or campaign about as often as rows did before."""

from expectations.suite import Suite, never

_KEYS = (
    ("fct_orders", "order_date", "customer_key is null"),
    ("fct_refunds", "refund_date", "order_key is null"),
    ("fct_leads", "created_date", "channel in ('(unattributed)', 'Unassigned')"),
    ("fct_leads", "created_date", "owner_rep_key is null"),
    ("fct_opportunities", "created_date", "owner_rep_key is null"),
    ("fct_sessions", "session_date", "channel in ('Direct', 'Unassigned')"),
    ("fct_tickets", "created_date", "customer_key is null"),
)

SUITE = Suite(
    name="audits.new_rows_are_filled",
    table="core.fct_orders",
    read="counts",
    query=" union all ".join(
        f"""
        select
            '{fact}' as fact,
            source_name,
            count(*) filter (where is_new) as new_rows,
            count(*) filter (where not is_new) as old_rows,
            avg(is_empty::integer) filter (where is_new) as new_share,
            avg(is_empty::integer) filter (where not is_new) as old_share
        from (
            select source_name, {empty} as is_empty, row_number() over (
                partition by source_name order by {day} desc
            ) <= 30 and {day} >= getvariable('as_of')::date - 14 as is_new
            from core.{fact}
            where {day} >= getvariable('as_of')::date - 365
        )
        group by source_name
        """
        for fact, day, empty in _KEYS
    ),
    expectations=(
        never(
            # Where nine of ten rows never had it, or all, nothing was lost.
            "new_rows >= 15 and old_rows >= 50 and old_share < 0.9"
            " and new_share > least(0.98, 2 * old_share + 0.4)",
            name="new rows are as complete as old ones",
            owner="data",
            sentence="Many new rows lack a customer, a rep or an origin that such rows used to"
            " have.",
        ).as_warning(),
    ),
)
