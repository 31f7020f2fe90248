"""Campaigns under one name each."""

from expectations.suite import Suite, never, not_null, refers_to, unique

SUITE = Suite(
    name="core.dim_campaigns",
    table="core.dim_campaigns",
    read="counts",
    columns=("campaign", "channel", "platform", "first_seen_on", "last_seen_on", "spend"),
    expectations=(
        unique(
            "campaign",
            owner="data",
            sentence="A campaign appears twice, so its cost counts twice.",
        ),
        not_null(
            "channel",
            owner="marketing",
            sentence="A campaign has no channel, not even the one for unknown origin.",
        ),
        refers_to(
            "channel",
            "core.dim_channels",
            "channel",
            owner="marketing",
            sentence="A campaign belongs to a channel that is not in the list of channels.",
        ),
        never(
            "last_seen_on < first_seen_on",
            owner="data",
            sentence="A campaign was last seen before it was first seen.",
        ),
        never(
            "spend < 0 or response_cost < 0",
            owner="marketing",
            sentence="A campaign cost less than nothing.",
        ),
    ),
)
