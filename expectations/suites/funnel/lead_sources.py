"""Where leads come from, what becomes of them, and what they cost."""

from expectations.suite import Suite, never, not_null, one_of, quotients, unique

# What is said once it is known what became of the leads.
OUTCOMES = {
    "mql_rate": ("mql", "leads"),
    "sql_rate": ("sql", "leads"),
    "opportunity_rate": ("opportunities", "leads"),
    "win_rate": ("won", "leads"),
    "cost_per_customer": ("spend", "customers"),
    "total_cost_per_customer": ("total_costs", "customers"),
}

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
        "other_costs",
        "total_costs",
        "cost_per_lead",
        "cost_per_mql",
        "cost_per_customer",
        "total_cost_per_lead",
        "total_cost_per_mql",
        "total_cost_per_customer",
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
        never(
            "coalesce(total_costs, 0) <> coalesce(spend, 0) + coalesce(other_costs, 0)",
            owner="finance",
            sentence="The costs of leads are not what was spent and what campaigns cost.",
        ),
        quotients(
            {
                "cost_per_lead": ("spend", "leads"),
                "cost_per_mql": ("spend", "mql"),
                "total_cost_per_lead": ("total_costs", "leads"),
                "total_cost_per_mql": ("total_costs", "mql"),
                "bant_rate": ("bant_qualified", "leads"),
                "agreement_rate": ("agreed", "comparable"),
                **{
                    rate: (part, f"case when is_mature then {whole} end")
                    for rate, (part, whole) in OUTCOMES.items()
                },
            },
            owner="sales",
            sentence="A rate or a cost of leads is not what its parts make, or is missing.",
        ),
    ),
)
