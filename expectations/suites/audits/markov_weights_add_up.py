"""The channels' weights in the Markov model are the whole of each month that has conversions."""

from expectations.suite import Suite, never

SUITE = Suite(
    name="audits.markov_weights_add_up",
    table="attribution.markov_effects",
    query="""
        select
            period_start,
            sum(weight) as weight,
            max(converting_paths) as converting_paths
        from attribution.markov_effects
        group by period_grain, period_start
    """,
    expectations=(
        never(
            "abs(weight - case when converting_paths > 0 then 1 else 0 end) > 0.000001",
            name="weights add up",
            owner="marketing",
            sentence="The weights of a month's channels do not add up to 100 percent.",
        ),
    ),
)
