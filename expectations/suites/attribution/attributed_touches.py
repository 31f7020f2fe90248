"""Which touch earned how much of a conversion, by each attribution model."""

from expectations.suite import Suite, never, not_null, refers_to, unique

SUITE = Suite(
    name="attribution.attributed_touches",
    table="attribution.attributed_touches",
    read="counts",
    columns=(
        "conversion_key",
        "conversion_id",
        "conversion_type",
        "touch_id",
        "position",
        "path_length",
        "channel",
        "campaign",
        "model",
        "credit",
        "attributed_revenue",
    ),
    expectations=(
        unique(
            "conversion_type",
            "conversion_key",
            "model",
            "position",
            owner="data",
            sentence="A touch is credited twice for one conversion.",
        ),
        not_null(
            "channel",
            owner="marketing",
            sentence="Credit goes to no channel; what no touch earned must show as unattributed.",
        ),
        not_null(
            "model",
            owner="marketing",
            sentence="Credit belongs to no attribution model.",
        ),
        refers_to(
            "conversion_key",
            "attribution.conversion_paths",
            "conversion_key",
            owner="data",
            sentence="Credit is given for a conversion that is not listed.",
        ),
        never(
            "credit < 0 or credit > 1 or credit is null",
            owner="marketing",
            sentence="A touch earns less than nothing or more than the whole conversion.",
        ),
        never(
            "position > path_length",
            owner="data",
            sentence="A touch stands behind the end of its path.",
        ),
        never(
            "(touch_id is null) <> (channel in ('(unattributed)', '(no consent)'))",
            owner="marketing",
            sentence="A conversion without touches is credited to a channel, or the reverse.",
        ),
    ),
)
