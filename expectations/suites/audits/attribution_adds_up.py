"""Each attribution model gives away every conversion exactly once, to the cent."""

from expectations.suite import Suite, never

SUITE = Suite(
    name="audits.attribution_adds_up",
    table="attribution.attributed_touches",
    read="counts",
    query="""
        select paths.revenue, given.credit, given.revenue_given
        from attribution.conversion_paths as paths
        cross join (
            select model from attribution.attributed_touches
            union
            select model from attribution.channel_performance
        ) as models
        left join (
            select
                conversion_type,
                conversion_key,
                model,
                sum(credit) as credit,
                sum(attributed_revenue) as revenue_given
            from attribution.attributed_touches
            group by conversion_type, conversion_key, model
        ) as given
            on
                paths.conversion_type = given.conversion_type
                and paths.conversion_key = given.conversion_key
                and models.model = given.model
    """,
    expectations=(
        never(
            "credit is null",
            owner="marketing",
            sentence="A conversion is missing from an attribution model.",
        ),
        never(
            "credit <> 1",
            owner="marketing",
            sentence="The credit for a conversion does not add up to 100 percent.",
        ),
        never(
            "revenue_given is distinct from revenue",
            owner="finance",
            sentence="The revenue attributed to touches is not the revenue of the conversion.",
        ),
    ),
)
