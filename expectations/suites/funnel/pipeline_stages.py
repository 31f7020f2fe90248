"""Deals: the stages that each went through."""

from expectations.suite import Suite, never, not_null, one_of, refers_to, unique

SUITE = Suite(
    name="funnel.pipeline_stages",
    table="funnel.pipeline_stages",
    read="counts",
    columns=(
        "opportunity_key",
        "opportunity_id",
        "visit_number",
        "stage",
        "entered_at",
        "exited_at",
        "hours",
        "is_skip",
        "is_reopen",
        "is_backward",
        "outcome",
    ),
    expectations=(
        unique(
            "opportunity_key",
            "visit_number",
            owner="sales",
            sentence="A deal's visit of a stage appears twice.",
        ),
        not_null("entered_at", owner="sales", sentence="A deal is in a stage it never entered."),
        refers_to(
            "opportunity_key",
            "core.fct_opportunities",
            "opportunity_key",
            owner="sales",
            sentence="A stage belongs to a deal that is not in the list of deals.",
        ),
        never(
            "hours < 0",
            owner="sales",
            sentence="A deal left a stage before it entered it.",
        ),
        never(
            "(hours is null) <> (exited_at is null)"
            " or abs(hours - date_diff('second', entered_at, exited_at) / 3600) > 0.001",
            name="hours are those from entering to leaving",
            owner="sales",
            sentence="A deal was longer or shorter in a stage than from entering to leaving it.",
        ),
        one_of(
            "outcome",
            ("advanced", "moved_back", "won", "lost", "reopened", "open"),
            owner="sales",
            sentence="A visit of a stage ended in a way that nobody knows.",
        ),
        never(
            "outcome = 'open' and exited_at is not null",
            owner="sales",
            sentence="A deal is still in a stage that it has left.",
        ),
        never(
            "position is null",
            owner="sales",
            sentence="A deal is in a stage that the list of stages does not have.",
        )
        .telling("stage")
        .as_warning(),
    ),
)
