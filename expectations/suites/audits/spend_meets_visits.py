"""What advertising costs stands in the channels by which its visits come."""

from expectations.suite import Suite, never

# Either alone may be right: posters bring no visit that is known, and not every platform is
# delivered. Letters bring answers, whose return is known. Of the last 90 days, since links and
# bills may have changed.
SUITE = Suite(
    name="audits.spend_meets_visits",
    table="core.fct_ad_spend",
    read="counts",
    query="""
        with spend as (
            select channel, sum(spend) as spend
            from core.fct_ad_spend
            where spend_date >= getvariable('as_of')::date - 90
            group by channel
        ),

        visited as (
            select distinct channel
            from core.fct_sessions
            where is_counted and session_date >= getvariable('as_of')::date - 90
        ),

        answered as (
            select distinct channel
            from attribution.attributed_touches
            where converted_date >= getvariable('as_of')::date - 90
        )

        select
            channel,
            spend > 0
            and channel not in (select channel from visited)
            and channel not in (select channel from answered) as is_billed_alone,
            exists (
                select 1
                from core.dim_channels as channels
                inner join visited using (channel)
                where
                    channels.is_paid
                    and channel not in (select channel from spend where spend > 0)
            ) as are_others_unbilled
        from spend
    """,
    expectations=(
        never(
            "is_billed_alone and are_others_unbilled",
            name="advertising is billed where its visits come",
            owner="marketing",
            sentence="Advertising is billed in a channel that no visit comes by, and visits of a"
            " paid channel have no bill: the return of both is not known. Give the spend the"
            " utm_source and utm_medium of its links.",
        )
        .telling("channel")
        .as_warning(),
    ),
)
