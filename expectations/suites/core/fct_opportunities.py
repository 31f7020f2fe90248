"""Opportunities: what the pipeline and won revenue are made of."""

from expectations.suite import Suite, keeps_rows, never, not_null, refers_to, unique
from orchestration.lib.periods import calendar_years

_FIRST_YEAR = calendar_years()[0]

SUITE = Suite(
    name="core.fct_opportunities",
    table="core.fct_opportunities",
    read="counts",
    columns=(
        "opportunity_key",
        "opportunity_id",
        "customer_key",
        "created_date",
        "stage",
        "is_closed",
        "is_won",
        "closed_date",
        "team",
        "exchange_rate",
        "amount",
    ),
    expectations=(
        unique(
            "opportunity_key",
            owner="data",
            sentence="A deal appears twice, so the pipeline is overstated.",
        ),
        not_null(
            "created_date",
            owner="sales",
            sentence="A deal has no date and is missing from every period.",
        ),
        not_null(
            "team",
            owner="sales",
            sentence="A deal has no team, not even the one for an unknown team.",
        ),
        refers_to(
            "customer_key",
            "core.dim_customers",
            "customer_key",
            owner="data",
            sentence="A deal belongs to a customer who is not in the customer list.",
        ),
        never(
            "is_won and not is_closed",
            owner="sales",
            sentence="A deal is won and still open.",
        ),
        never(
            "is_closed <> (closed_date is not null)",
            owner="sales",
            sentence="A deal is closed without a day, or open with one.",
        ),
        never(
            f"closed_date < date '{_FIRST_YEAR}-01-01'",
            name="no deal closed before the calendar",
            owner="sales",
            sentence=f"A deal closed before {_FIRST_YEAR}, when the calendar begins, and would be"
            " in no figure. Correct the day in the source, or leave it out by a query in"
            " source.yaml.",
        ),
        never(
            "cycle_days < 0",
            owner="sales",
            sentence="A deal closed before it was created.",
        ).as_warning(),
        never(
            "amount < 0",
            owner="sales",
            sentence="A deal has a negative value.",
        ),
        never(
            "is_won and amount is null and exchange_rate is null",
            owner="finance",
            sentence="A won deal has no value and is missing from won revenue: the seed"
            " finance/fx_rates has no rate from its currency into the reporting one.",
        ).telling("currency", "opportunity_id"),
        never(
            "not is_won and amount is null and exchange_rate is null",
            owner="finance",
            sentence="A deal that is not won has no value and is missing from the pipeline: the"
            " seed finance/fx_rates has no rate from its currency into the reporting one.",
        )
        .telling("currency", "opportunity_id")
        .as_warning(),
        never(
            "is_won and amount is null and exchange_rate is not null",
            owner="sales",
            sentence="A won deal has no amount, and won revenue lacks it: fill it in.",
        )
        .telling("opportunity_id")
        .as_warning(),
        never(
            "created_at > getvariable('as_of') + interval 1 day",
            owner="sales",
            sentence="A deal lies in the future.",
        ),
        keeps_rows(
            0.5,
            table="core.fct_opportunities",
            owner="data",
            sentence="Half of the deals of the previous release are gone.",
        ),
    ),
)
