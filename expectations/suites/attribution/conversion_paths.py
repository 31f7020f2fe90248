"""What led to each conversion."""

from expectations.suite import Suite, never, not_null, unique

SUITE = Suite(
    name="attribution.conversion_paths",
    table="attribution.conversion_paths",
    read="counts",
    columns=(
        "conversion_key",
        "conversion_id",
        "conversion_type",
        "converted_at",
        "revenue",
        "touches",
        "path_length",
        "days_to_convert",
        "first_channel",
        "last_channel",
    ),
    expectations=(
        unique(
            "conversion_type",
            "conversion_key",
            owner="data",
            sentence="A conversion appears twice, so attributed revenue is overstated.",
        ),
        not_null(
            "converted_at",
            owner="data",
            sentence="A conversion has no date.",
        ),
        never(
            "touches < 0 or path_length < 0",
            owner="marketing",
            sentence="A conversion has fewer than no touches.",
        ),
        never(
            "days_to_convert < 0",
            owner="marketing",
            sentence="A touch is credited with a conversion that happened before it.",
        ),
        never(
            "(days_to_convert is null) <> (first_touched_at is null) or abs(days_to_convert"
            " - date_diff('second', first_touched_at, converted_at) / 86400) > 0.001",
            name="days are those from the first touch",
            owner="marketing",
            sentence="A conversion took more or fewer days than since its first touch.",
        ),
        never(
            "converted_at > getvariable('as_of') + interval 1 day",
            owner="data",
            sentence="A conversion lies in the future.",
        ),
    ),
)
