"""How old and how complete each input is."""

from expectations.suite import Suite, never, not_null, one_of, unique

SUITE = Suite(
    name="core.source_health",
    table="core.source_health",
    columns=(
        "raw_table",
        "row_count",
        "last_row_at",
        "last_load_at",
        "rows_loaded",
        "rows_quarantined",
        "rows_quarantined_recently",
        "files_refused_recently",
        "freshness",
        "silent_source",
    ),
    expectations=(
        unique(
            "raw_table",
            owner="data",
            sentence="An input table is listed twice.",
        ),
        not_null(
            "raw_table",
            owner="data",
            sentence="An input table has no name.",
        ),
        one_of(
            "freshness",
            ("fresh", "stale", "not_dated", "empty"),
            owner="data",
            sentence="It is not said how old an input is.",
        ),
        not_null(
            "freshness",
            owner="data",
            sentence="It is not said how old an input is.",
        ),
        never(
            "freshness = 'stale' and silent_source is null",
            owner="data",
            sentence="An input has brought nothing new for days; its figures are old.",
        )
        .telling("raw_table")
        .as_warning(),
        never(
            "freshness = 'stale' and silent_source is not null",
            owner="data",
            sentence="A source that was busy every day brings nothing new; its figures are old.",
        )
        .telling("raw_table", "silent_source")
        .as_warning(),
        never(
            "files_refused_recently > 0",
            owner="data",
            sentence="A file was refused and is missing from the figures.",
        )
        .telling("raw_table")
        .as_warning(),
        never(
            "rows_quarantined_recently > rows_quarantined "
            "or files_refused_recently > files_refused",
            name="what was refused recently was refused",
            owner="data",
            sentence="More was refused in the last days than ever.",
        ),
    ),
)
