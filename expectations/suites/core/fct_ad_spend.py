"""What advertising cost, as the platforms report it."""

from expectations.suite import Suite, keeps_rows, never, not_null, unique

SUITE = Suite(
    name="core.fct_ad_spend",
    table="core.fct_ad_spend",
    read="counts",
    columns=("ad_spend_key", "spend_date", "platform", "channel", "impressions", "clicks", "spend"),
    expectations=(
        unique(
            "ad_spend_key",
            owner="data",
            sentence="A line of advertising cost appears twice, so cost is overstated.",
        ),
        not_null(
            "spend_date",
            owner="marketing",
            sentence="A line of advertising cost has no date and is missing from every period.",
        ),
        not_null(
            "channel",
            owner="marketing",
            sentence="Advertising cost belongs to no channel, not even the unknown one.",
        ),
        not_null(
            "spend",
            owner="finance",
            sentence="Advertising cost has no amount and is missing from every figure: the seed"
            " finance/fx_rates has no rate from its currency into the reporting one.",
        ).telling("currency"),
        never(
            "spend < 0 or reported_spend < 0",
            owner="marketing",
            sentence="Advertising cost is negative. Deduct a credit at the source from the days"
            " that it is for, or leave it out by a query in source.yaml and `make rebuild`.",
        ),
        never(
            "spend > reported_spend and reported_spend >= 0",
            owner="marketing",
            sentence="More of a line of advertising cost counts than was reported.",
        ),
        never(
            "impressions < 0 or clicks < 0",
            owner="marketing",
            sentence="An ad has fewer than no impressions or clicks.",
        ),
        never(
            "clicks > impressions",
            owner="marketing",
            sentence="An ad was clicked more often than it was shown.",
        ).as_warning(),
        never(
            "spend_date > getvariable('as_of') + interval 1 day",
            owner="marketing",
            sentence="Advertising cost lies in the future: deliver that of a week or a month when"
            " it is over.",
        ),
        keeps_rows(
            0.5,
            table="core.fct_ad_spend",
            owner="data",
            sentence="Half of the advertising cost lines of the previous release are gone.",
        ),
    ),
)
