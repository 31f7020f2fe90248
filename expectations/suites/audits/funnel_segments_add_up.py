"""The segments of each dimension hold everybody once: funnels, losses and carts alike."""

from expectations.suite import Suite, never

SUITE = Suite(
    name="audits.funnel_segments_add_up",
    table="funnel.funnel_conversion",
    read="counts",
    query="""
        with counted as (
            select
                'entered ' || funnel || ' ' || step_number as what,
                period_grain,
                period_start,
                dimension,
                entered as people
            from funnel.funnel_conversion

            union all

            select
                'reached ' || funnel || ' ' || step_number as what,
                period_grain,
                period_start,
                dimension,
                reached as people
            from funnel.funnel_friction

            union all

            select 'carts' as what, period_grain, period_start, dimension, carts as people
            from funnel.cart_abandonment
        ),

        by_dimension as (
            select what, period_grain, period_start, dimension, sum(people) as people
            from counted
            group by all
        )

        select divided.people as divided, whole.people as undivided
        from by_dimension as divided
        left join by_dimension as whole
            on
                divided.what = whole.what
                and divided.period_grain = whole.period_grain
                and divided.period_start = whole.period_start
                and whole.dimension = 'overall'
    """,
    expectations=(
        never(
            "divided is distinct from undivided",
            owner="digital",
            sentence="The segments of a funnel do not add up to the whole.",
        ),
    ),
)
