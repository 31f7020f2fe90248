"""A new source does not bring what others brought for the same days, as a replaced shop's may.

Days are compared source by source elsewhere, where a past that comes once more under another
source's name is no day that doubles.
"""

from expectations.facts import CLOSED_DAYS, for_each_fact
from expectations.suite import Suite, never

_SOURCES = "select distinct '{name}' as fact, source_name from {table}"

SUITE = Suite(
    name="audits.no_source_repeats_another",
    table="core.fct_orders",
    read="counts",
    query=f"""
        with days as ({for_each_fact(CLOSED_DAYS)}),

        known as ({for_each_fact(_SOURCES, release="earlier.")}),

        judged as (
            select
                days.*,
                known.fact is null as is_new
            from days
            left join known
                on
                    days.fact = known.fact
                    and days.source_name is not distinct from known.source_name
        ),

        others as (
            select
                fact,
                day,
                sum(row_count) as row_count,
                sum(amount) as amount
            from judged
            where not is_new
            group by all
        )

        select
            judged.fact,
            judged.source_name,
            date_trunc('month', judged.day)::date as day,
            sum(judged.row_count) as row_count,
            sum(judged.amount) as amount,
            sum(others.row_count) as other_rows,
            sum(others.amount) as other_amount
        from judged
        inner join others on judged.fact = others.fact and judged.day = others.day
        where judged.is_new
        group by all
    """,
    expectations=(
        never(
            "other_rows >= 10 and row_count between 0.8 * other_rows and 1.2 * other_rows"
            " and (coalesce(other_amount, 0) = 0"
            " or amount between 0.8 * other_amount and 1.2 * other_amount)",
            name="no new source brings the past of others",
            owner="data",
            sentence="A new source has about as much in a past month as all others had on its days."
            " If it took their rows over, they count twice: leave them out by a query in its"
            " source.yaml, then `make rebuild`.",
        ).about_the_past(),
    ),
)
