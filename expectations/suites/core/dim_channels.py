"""The channels that every report groups by."""

from expectations.suite import Suite, not_null, unique

SUITE = Suite(
    name="core.dim_channels",
    table="core.dim_channels",
    columns=("channel", "channel_group", "is_paid"),
    expectations=(
        unique(
            "channel",
            owner="marketing",
            sentence="A channel is listed twice, so its figures would be counted twice.",
        ),
        not_null(
            "channel",
            owner="marketing",
            sentence="A channel has no name.",
        ),
        not_null(
            "channel_group",
            owner="marketing",
            sentence="A channel belongs to no group and drops out of grouped reports.",
        ),
        not_null(
            "is_paid",
            owner="marketing",
            sentence="A channel is neither paid nor unpaid, so its cost cannot be judged.",
        ),
    ),
)
