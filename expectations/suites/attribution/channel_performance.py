"""What each channel cost and brought, by each attribution model."""

from expectations.suite import Suite, never, not_null, quotients, unique

# Each ratio's part and whole; what is returned holds what was spent.
RATIOS = {
    "cpc": ("spend_with_clicks", "clicks"),
    "cpm": ("1000 * spend_with_impressions", "impressions"),
    "ctr": ("clicks_with_impressions", "impressions_with_clicks"),
    "cpl": ("spend", "leads"),
    "cost_per_mql": ("spend", "mqls"),
    "cac": ("spend", "new_customers"),
    "total_cac": ("total_costs", "new_customers"),
    "roas": ("attributed_revenue", "spend"),
    "roi + 1": ("attributed_margin", "spend"),
    "roi_after_refunds + 1": ("attributed_margin - refunded", "spend"),
    "platform_claim_ratio": ("platform_conversions", "conversions"),
}
# Nobody knows the margin that a lost deal takes back, nor what a silent platform would claim.
OFTEN_UNKNOWN = ("roi_after_refunds + 1", "platform_claim_ratio")
RATIO_COLUMNS = tuple(ratio.removesuffix(" + 1") for ratio in RATIOS)
# What campaigns add up to in their channel, but for a margin that is not known of one of them.
SUMS = (
    "sessions",
    "impressions",
    "clicks",
    "spend",
    "spend_with_clicks",
    "spend_with_impressions",
    "clicks_with_impressions",
    "impressions_with_clicks",
    "other_costs",
    "total_costs",
    "leads",
    "mqls",
    "conversions",
    "new_customers",
    "attributed_revenue",
    "attributed_margin",
    "refunded",
    "platform_conversions",
    "platform_revenue",
)
# The columns after those that say what a line is about.
FIGURES = ("is_in_all", "is_complete", *SUMS, *RATIO_COLUMNS, "is_small_sample")

SUITE = Suite(
    name="attribution.channel_performance",
    table="attribution.channel_performance",
    read="counts",
    columns=(
        "period_grain",
        "period_start",
        "channel",
        "model",
        "conversion_type",
        *FIGURES,
    ),
    expectations=(
        unique(
            "period_grain",
            "period_start",
            "channel",
            "model",
            "conversion_type",
            owner="data",
            sentence="A channel appears twice in the same period and model.",
        ),
        not_null(
            "channel",
            owner="marketing",
            sentence="A line of channel figures names no channel.",
        ),
        never(
            "spend < 0 or sessions < 0 or leads < 0 or conversions < 0 or new_customers < 0",
            owner="marketing",
            sentence="A channel has a negative cost or a negative number of visits or customers.",
        ),
        never(
            "total_costs <> spend + other_costs",
            owner="finance",
            sentence="The total cost of a channel is not what its parts add up to.",
        ),
        never(
            "roas is not null and not spend > 0",
            owner="marketing",
            sentence="A return on advertising is stated where nothing was spent.",
        ),
        never(
            " or ".join(f"not isfinite({ratio})" for ratio in RATIO_COLUMNS),
            name="costs and returns are numbers",
            owner="marketing",
            sentence="A cost or a return of a channel is not a number: it was divided by nothing.",
        ),
        quotients(
            RATIOS,
            often_unknown=OFTEN_UNKNOWN,
            owner="marketing",
            sentence="A cost or a return of a channel is not what its parts make, or is missing.",
        ),
    ),
)
