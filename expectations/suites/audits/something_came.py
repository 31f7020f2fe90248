"""A release of nothing is right, and most likely not meant: no source was found."""

from expectations.suite import Suite, never

SUITE = Suite(
    name="audits.something_came",
    table="core.source_health",
    read="counts",
    query="select max(row_count) as row_count from core.source_health",
    expectations=(
        never(
            "row_count = 0",
            name="some raw table has rows",
            owner="data",
            sentence="No raw table has a row: no file of landing fits a location of a source.yaml."
            " The lines of `ingest` name the locations that are empty.",
        ).as_warning(),
    ),
)
