"""Products, listed or sold."""

from expectations.suite import Suite, between, never, not_null, unique

SUITE = Suite(
    name="core.dim_products",
    table="core.dim_products",
    read="counts",
    columns=("product_key", "product_id", "name", "category", "unit_cost", "units_sold"),
    expectations=(
        unique(
            "product_key",
            owner="data",
            sentence="A product appears twice, so its sales count twice.",
        ),
        not_null(
            "category",
            owner="sales",
            sentence="A product has no category, not even the one for an unknown category.",
        ),
        between(
            "unit_cost",
            0,
            None,
            owner="finance",
            sentence="A product costs less than nothing, so margins are too high.",
        ),
        never(
            "(orders > 0) <> (first_sold_on is not null)",
            owner="sales",
            sentence="A product was sold on no day, or not sold on some day.",
        ),
        never(
            "last_sold_on < first_sold_on",
            owner="data",
            sentence="A product was last sold before it was first sold.",
        ),
        never(
            "not is_listed",
            owner="sales",
            sentence="A product was sold that no list has; its name and cost are unknown.",
        ).as_warning(),
    ),
)
