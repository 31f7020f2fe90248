"""What becomes of the carts that people fill."""

from expectations.suite import Suite, between, never, not_null, quotients, unique

SUITE = Suite(
    name="funnel.cart_abandonment",
    table="funnel.cart_abandonment",
    read="counts",
    columns=(
        "period_grain",
        "period_start",
        "dimension",
        "segment",
        "carts",
        "ordered",
        "abandoned",
        "recovered",
        "open",
        "lost",
        "abandonment_rate",
        "recovery_rate",
        "last_step",
        "last_page",
        "value_carts",
        "value_abandoned",
        "value_recovered",
        "recovered_revenue",
    ),
    expectations=(
        unique(
            "period_grain",
            "period_start",
            "dimension",
            "segment",
            owner="data",
            sentence="Carts appear twice for the same period and segment.",
        ),
        not_null("period_start", owner="data", sentence="Carts belong to no period."),
        never(
            "carts <> ordered + abandoned or abandoned <> recovered + open + lost",
            owner="digital",
            sentence="A cart is neither ordered nor abandoned, or an abandoned one has no outcome.",
        ),
        between(
            "abandonment_rate",
            0,
            1,
            owner="digital",
            sentence="The share of abandoned carts is not between 0 and 100 percent.",
        ),
        never(
            "value_recovered < 0 or value_recovered > value_abandoned"
            " or value_abandoned > value_carts",
            name="values are parts of the whole",
            owner="finance",
            sentence="Abandoned or recovered carts are worth more than all carts together.",
        ),
        never(
            "unpriced_carts > carts or unpriced_abandoned > least(abandoned, unpriced_carts)"
            " or unpriced_carts = carts and value_carts <> 0"
            " or unpriced_abandoned = abandoned and value_abandoned <> 0"
            " or recovered = 0 and recovered_revenue <> 0",
            name="a value is that of carts",
            owner="digital",
            sentence="Carts without a price, or no carts at all, are worth something.",
        ),
        never(
            "median_hours_to_recovery < 0 or p90_hours_to_recovery < median_hours_to_recovery"
            " or (recovered > 0) <> (median_hours_to_recovery is not null)",
            name="only recovered carts took a time for it",
            owner="digital",
            sentence="The time until carts are recovered is negative, missing, or that of none.",
        ),
        quotients(
            {
                "abandonment_rate": ("abandoned", "carts"),
                "recovery_rate": ("recovered", "case when is_mature then abandoned end"),
            },
            # Before the first order nobody knows what becomes of carts.
            often_unknown=("abandonment_rate",),
            owner="digital",
            sentence="A rate of carts is not what its parts make, or is missing.",
        ),
    ),
)
