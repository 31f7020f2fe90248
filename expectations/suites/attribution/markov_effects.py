"""How much of the conversions each channel's removal would lose."""

from expectations.suite import Suite, between, never, not_null, unique

SUITE = Suite(
    name="attribution.markov_effects",
    table="attribution.markov_effects",
    columns=(
        "period_grain",
        "period_start",
        "channel",
        "is_complete",
        "is_mature",
        "paths",
        "converting_paths",
        "removal_effect",
        "removal_effect_lower",
        "removal_effect_upper",
        "weight",
        "is_small_sample",
    ),
    expectations=(
        unique(
            "period_grain",
            "period_start",
            "channel",
            owner="data",
            sentence="A channel has two removal effects in one month.",
        ),
        not_null(
            "channel",
            owner="marketing",
            sentence="A removal effect belongs to no channel.",
        ),
        between(
            "removal_effect",
            0,
            1,
            owner="marketing",
            sentence="A channel's removal loses less than nothing or more than all conversions.",
        ),
        never(
            "not (removal_effect_lower <= removal_effect"
            " and removal_effect <= removal_effect_upper)",
            name="the interval holds the removal effect",
            owner="data",
            sentence="A removal effect lies outside of its own interval.",
        ),
        never(
            # A month that only goes on with journeys of earlier ones has none of its own.
            "converting_paths > paths",
            owner="data",
            sentence="More journeys converted than there were.",
        ),
    ),
)
