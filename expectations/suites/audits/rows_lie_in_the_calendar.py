"""No row is dated before the calendar begins: its day would be in no period of any figure.

The calendar goes back to the first row, but not beyond its own first year; such a row mostly has no
date, which some systems write as 1 January 1970.
"""

from expectations.facts import for_each_fact
from expectations.suite import Suite, never
from orchestration.lib.periods import calendar_years

_FIRST_YEAR = calendar_years()[0]
_ROWS = f"""
    select
        '{{name}}' as fact,
        source_name,
        {{day}} as day,
        count(*) as row_count
    from {{table}}
    where {{day}} < date '{_FIRST_YEAR}-01-01'
    group by all
"""

SUITE = Suite(
    name="audits.rows_lie_in_the_calendar",
    table="core.fct_orders",
    read="counts",
    query=for_each_fact(_ROWS),
    expectations=(
        never(
            "row_count > 0",
            name="no row lies before the calendar",
            owner="data",
            sentence=f"Rows of a source are dated before {_FIRST_YEAR}, when the calendar begins,"
            " and would be in no figure. Correct the date in the source, or leave them out by a"
            " query in source.yaml.",
        ),
    ),
)
