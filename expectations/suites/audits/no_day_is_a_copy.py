"""No new day holds everything twice under other keys, and none is the day before once more."""

from expectations.facts import FACTS, for_each_fact
from expectations.suite import Suite, never

# What is there twice by chance, such as equal goods given back together, is counted once however
# often it is there: of a real shop's days with four refunds or more, half of one came to that.
_TWINS = """
    select
        '{name}' as fact,
        source_name,
        {day} as day,
        count(*) as row_count,
        count(*) filter (where twins > 1) as repeated,
        sum(case when was_there_yesterday then twins else 0 end) as from_the_day_before,
        null as odd,
        null as usually_odd
    from (
        select
            source_name,
            {day},
            {day} - lag({day}) over (
                partition by source_name, {content}, {instant}::time order by {day}
            ) = 1 as was_there_yesterday,
            count(*) as twins
        from {table}
        where {day} >= getvariable('as_of')::date - 35
        group by source_name, {day}, {content}, {instant}
    )
    group by all
"""

_WITH_CONTENT = tuple(fact for fact in FACTS if fact.content)

SUITE = Suite(
    name="audits.no_day_is_a_copy",
    table="core.fct_orders",
    read="counts",
    query=f"""
        {for_each_fact(_TWINS, _WITH_CONTENT)}
        union all
        -- An ad with real traffic never has the very same figures on two days running.
        select
            'fct_ad_spend' as fact,
            source_name,
            spend_date as day,
            count(*) as row_count,
            0 as repeated,
            count(*) filter (where is_same) as from_the_day_before,
            null as odd,
            null as usually_odd
        from (
            select
                source_name,
                spend_date,
                (impressions, clicks, reported_spend) = lag((impressions, clicks, reported_spend))
                    over (
                        partition by
                            source_name, platform, account_id, campaign_id, ad_group_id, ad_id
                        order by spend_date
                    ) as is_same
            from core.fct_ad_spend
            where impressions >= 100 and spend_date >= getvariable('as_of')::date - 35
        )
        group by source_name, spend_date
        union all
        -- Where each event came twice, no visit of the day has an odd number of them.
        select
            'fct_sessions' as fact,
            source_name,
            session_date as day,
            count(*) as row_count,
            0 as repeated,
            0 as from_the_day_before,
            count(*) filter (where event_count % 2 = 1) as odd,
            sum(odd) over (partition by source_name)
            / sum(row_count) over (partition by source_name) as usually_odd
        from core.fct_sessions
        where session_date >= getvariable('as_of')::date - 35
        group by source_name, session_date
    """,
    expectations=(
        never(
            "row_count >= 4 and repeated >= 0.7 * row_count",
            name="no day comes twice",
            owner="data",
            sentence="Most of a day is there twice under other numbers, as if a file came twice.",
        ).about_the_past(),
        never(
            "row_count >= 3 and from_the_day_before >= 0.8 * row_count",
            name="no day is yesterday again",
            owner="data",
            sentence="A day's rows are those of the day before with another date.",
        ).about_the_past(),
        never(
            # Four deviations: of a few visits of two events each, none is odd now and then.
            "row_count >= 20 and odd <= 0.05 * row_count and usually_odd >= 0.2"
            " and usually_odd * row_count - odd"
            " >= 4 * sqrt(row_count * usually_odd * (1 - usually_odd))",
            name="no day's events come twice",
            owner="data",
            sentence="Each event of a day's visits is there twice, as if a file came twice.",
        ).as_warning(),
    ),
)
