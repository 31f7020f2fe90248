"""How many rows are held back, and why."""

from expectations.suite import Suite, never, not_null, unique

SUITE = Suite(
    name="core.quarantined_rows",
    table="core.quarantined_rows",
    columns=("raw_table", "source_name", "reason_code", "row_count"),
    expectations=(
        unique(
            "raw_table",
            "source_name",
            "reason_code",
            owner="data",
            sentence="A reason for holding rows back is listed twice.",
        ),
        not_null(
            "reason_code",
            owner="data",
            sentence="It is not said why rows are held back.",
        ),
        never(
            "row_count < 1",
            owner="data",
            sentence="A reason is listed for which no row is held back.",
        ),
    ),
)
