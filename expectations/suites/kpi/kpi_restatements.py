"""What releases said about closed periods."""

from expectations.suite import Suite, never, not_null, one_of, unique

SUITE = Suite(
    name="kpi.kpi_restatements",
    table="kpi.kpi_restatements",
    read="counts",
    columns=(
        "kpi_id",
        "period_grain",
        "period_start",
        "statement_number",
        "is_latest",
        "stated_at",
        "value",
        "previous_value",
        "change_since_previous",
        "cause",
    ),
    expectations=(
        unique(
            "kpi_id",
            "period_grain",
            "period_start",
            "statement_number",
            owner="data",
            sentence="Two things are said at once about a closed period.",
        ),
        not_null("stated_at", owner="data", sentence="Nobody knows when a figure was stated."),
        one_of(
            "cause",
            (
                "first_stated",
                "late_rows",
                "refund",
                "redefinition",
                "exchange_rates",
                "identity_merge",
                "measured_anew",
                "other",
            ),
            owner="data",
            sentence="A closed period changed by a cause that has no definition.",
        ),
        never(
            "(statement_number = 0) <> (cause = 'first_stated')",
            owner="data",
            sentence="A closed period changed without a cause.",
        ),
        never(
            "stated_at > getvariable('as_of')",
            owner="data",
            sentence="A figure was stated in the future.",
        ),
        never(
            "cause = 'other' and is_latest and stated_at = getvariable('as_of')",
            name="a change is understood",
            owner="data",
            sentence="A closed period says something else today, and nobody knows why.",
        ).as_warning(),
    ),
)
