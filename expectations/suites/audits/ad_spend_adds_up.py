"""What counts of advertising cost is what the account spent, whatever grains it reports."""

from expectations.suite import Suite, never

SUITE = Suite(
    name="audits.ad_spend_adds_up",
    table="core.fct_ad_spend",
    read="counts",
    query="""
        select
            sum(spend) as counted,
            sum(reported_spend) as reported,
            -- Of two sources, the first by name counts.
            coalesce(
                min_by(reported_spend, source_name) filter (where grain = 'campaign'), 0
            ) as campaign,
            coalesce(sum(spend) filter (where grain <> 'campaign'), 0) as parts,
            count(distinct grain) as grains,
            count(*) - count(distinct (ad_group_id, ad_id)) as repeated
        from core.fct_ad_spend
        group by platform, coalesce(account_id, source_name), campaign_id, spend_date, currency
    """,
    expectations=(
        never(
            "counted > reported",
            owner="marketing",
            sentence="More advertising cost counts than the platforms report.",
        ),
        never(
            "counted < campaign",
            owner="marketing",
            sentence="A campaign cost more than what counts of it, so cost is understated.",
        ),
        never(
            "grains = 1 and repeated = 0 and counted <> reported",
            name="what is reported once counts in full",
            owner="marketing",
            sentence="Advertising cost that is reported once does not count in full.",
        ),
        never(
            "repeated > 0",
            owner="marketing",
            sentence="Two sources report the cost of one ad; the first by name counts.",
        ).as_warning(),
        never(
            "campaign > 0 and parts > campaign * 1.01",
            name="ads cost no more than their campaign",
            owner="marketing",
            sentence="A campaign's ads cost more than the campaign; the ads count.",
        ).as_warning(),
    ),
)
