"""Where leads come from, what becomes of them, and what they cost."""

from expectations.suite import Suite, never, not_null, one_of, unique

SUITE = Suite(
    name="funnel.lead_sources",
    table="funnel.lead_sources",
    read="counts",
    columns=(
        "period_grain",
        "period_start",
        "level",
        "channel",
        "campaign",
        "leads",
        "mql",
        "sql",
        "bant_qualified",
        "opportunities",
        "won",
        "customers",
        "median_days_to_win",
        "revenue",
        "spend",
        "cost_per_lead",
        "cost_per_mql",
        "cost_per_customer",
        "comparable",
        "agreed",
        "agreement_rate",
    ),
    expectations=(
        unique(
            "period_grain",
            "period_start",
            "level",
            "channel",
            "campaign",
            owner="data",
            sentence="A source of leads appears twice in the same period.",
        ),
        not_null("channel", owner="marketing", sentence="Leads belong to no channel."),
        one_of(
            "level",
            ("overall", "channel", "campaign"),
            owner="data",
            sentence="A row of lead sources stands for nothing that is known.",
        ),
        never(
            "mql > leads or sql > mql or opportunities > sql or won > opportunities or won < 0",
            name="stages never rise",
            owner="sales",
            sentence="More leads reached a stage than the stage before it.",
        ),
        never(
            "agreed > comparable or comparable > leads",
            owner="marketing",
            sentence="More leads agree with their tracked source than can be compared.",
        ),
        never(
            "coalesce(spend, 0) = 0 and (cost_per_lead > 0 or cost_per_customer > 0)",
            owner="finance",
            sentence="A lead has a cost though nothing was spent.",
        ),
    ),
)
