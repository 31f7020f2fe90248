"""What the release before said of days that were over by then is still said of them.

Days are compared source by source, and months by those of their days that had rows, so that a
source which delivers what it owed for a week looks like neither. Of a day with few rows somebody
may have deleted half: of no more than two such days of a source the audit warns.
"""

from expectations.facts import CLOSED_DAYS, for_each_fact
from expectations.suite import Suite, never

_IS_HALVED = "rows_before between 4 and 9 and rows_now between 1 and 0.5 * rows_before"
_FEW_ARE_GONE = f"grain = 'day' and {_IS_HALVED} and small_days_halved <= 2"

SUITE = Suite(
    name="audits.closed_days_stay",
    table="core.fct_orders",
    read="counts",
    query=f"""
        with earlier_days as ({for_each_fact(CLOSED_DAYS, release="earlier.")}),

        days_now as ({for_each_fact(CLOSED_DAYS)}),

        days as (
            select
                earlier_days.fact,
                earlier_days.source_name,
                earlier_days.day,
                earlier_days.row_count as rows_before,
                coalesce(days_now.row_count, 0) as rows_now,
                earlier_days.amount as amount_before,
                coalesce(days_now.amount, 0) as amount_now
            from earlier_days
            left join days_now
                on
                    earlier_days.fact = days_now.fact
                    and earlier_days.source_name is not distinct from days_now.source_name
                    and earlier_days.day = days_now.day
        )

        select
            'day' as grain,
            *,
            count(*) filter (where {_IS_HALVED})
            over (partition by fact, source_name) as small_days_halved
        from days
        union all
        select
            'month' as grain,
            fact,
            source_name,
            date_trunc('month', day)::date as day,
            sum(rows_before) as rows_before,
            sum(rows_now) as rows_now,
            sum(amount_before) as amount_before,
            sum(amount_now) as amount_now,
            0 as small_days_halved
        from days
        group by all
    """,
    expectations=(
        never(
            "rows_before >= 4 and rows_now >= rows_before + 4 and rows_now >= 1.8 * rows_before",
            name="no closed day doubles",
            owner="data",
            sentence="A past day or month has nearly twice what it had in the previous release.",
        ).about_the_past(),
        never(
            f"rows_before >= 4 and rows_now <= 0.5 * rows_before and not ({_FEW_ARE_GONE})",
            name="no closed day is lost",
            owner="data",
            sentence="Half or more of a past day or month of the previous release is gone.",
        ).about_the_past(),
        never(
            _FEW_ARE_GONE,
            name="no small day loses half",
            owner="data",
            sentence="Half or more of a past day with few rows is gone, as where somebody deleted"
            " some.",
        ).as_warning(),
        never(
            "rows_before >= 10 and rows_now between 0.9 * rows_before and 1.1 * rows_before"
            " and amount_before <> 0"
            " and abs(amount_now - amount_before) >= 0.5 * abs(amount_before)",
            name="no closed day is worth something else",
            owner="finance",
            sentence="The same sales, refunds or ads of a past day are suddenly worth half as"
            " much, or half as much again.",
        ).about_the_past(),
        never(
            "grain = 'month' and rows_before >= 10 and ("
            "rows_now not between 0.9 * rows_before and 1.1 * rows_before"
            " or amount_before <> 0 and"
            " abs(amount_now - amount_before) >= 0.1 * abs(amount_before))",
            name="no closed month moves much",
            owner="data",
            sentence="A past month differs by a tenth or more from the previous release.",
        ).as_warning(),
    ),
)
