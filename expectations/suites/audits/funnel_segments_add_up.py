"""The segments of each dimension hold everybody once: funnels, losses and carts alike."""

from expectations.suite import Suite, never

CARTS = (
    *("carts", "ordered", "abandoned", "recovered", "open", "unpriced_carts"),
    *("unpriced_abandoned", "value_carts", "value_abandoned", "value_recovered"),
    "recovered_revenue",
)
SUITE = Suite(
    name="audits.funnel_segments_add_up",
    table="funnel.funnel_conversion",
    read="counts",
    query=f"""
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

            select
                unnest([{", ".join(f"'{figure}'" for figure in CARTS)}]) as what,
                period_grain,
                period_start,
                dimension,
                unnest([{", ".join(f"{figure}::decimal(38, 4)" for figure in CARTS)}]) as people
            from funnel.cart_abandonment
        ),

        by_dimension as (
            select what, period_grain, period_start, dimension, sum(people) as people
            from counted
            group by all
        ),

        -- Each dimension that there is at all: it may be missing from a period as a whole.
        whole as (
            select
                by_dimension.what,
                by_dimension.period_grain,
                by_dimension.period_start,
                dimensions.dimension,
                by_dimension.people
            from by_dimension
            inner join (select distinct what, dimension from by_dimension) as dimensions
                using (what)
            where by_dimension.dimension = 'overall'
        )

        select
            coalesce(divided.people, 0) as divided,
            coalesce(whole.people, 0) as undivided
        from by_dimension as divided
        full join whole using (what, period_grain, period_start, dimension)
    """,
    expectations=(
        never(
            "divided <> undivided",
            owner="digital",
            sentence="The segments of a funnel do not add up to the whole.",
        ),
    ),
)
