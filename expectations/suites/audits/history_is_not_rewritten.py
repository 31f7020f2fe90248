"""Rows that the release before had are still there, at the same instant and worth the same.

A large table is compared by a sample of about 200,000 rows, drawn by key.
"""

from expectations.facts import for_each_fact
from expectations.suite import Suite, never

_ROWS = """
    select
        '{name}' as fact,
        old.source_name,
        old.channel,
        now.{key} is null as is_gone,
        now.instant <> old.instant as is_moved,
        old.currency is distinct from now.currency as is_in_other_currency,
        abs(now.amount - old.amount) as difference,
        abs(old.amount) as amount,
        old.channel is distinct from now.channel as is_in_other_channel
    from (
        select
            {key},
            source_name,
            {instant} as instant,
            {amount}::decimal(18, 4) as amount,
            {currency}::varchar as currency,
            {channel}::varchar as channel
        from earlier.{table}
        where
            {day} < getvariable('as_of_earlier')::date - {settling}
            and {key} % greatest(1, (select count(*) // 200000 from {table})) = 0
    ) as old
    left join (
        select
            {key},
            {instant} as instant,
            {amount}::decimal(18, 4) as amount,
            {currency}::varchar as currency,
            {channel}::varchar as channel
        from {table}
    ) as now
        on old.{key} = now.{key}
"""

SUITE = Suite(
    name="audits.history_is_not_rewritten",
    table="core.fct_orders",
    read="counts",
    query=f"""
        with compared as ({for_each_fact(_ROWS)})

        select
            fact,
            source_name,
            channel,
            grouping(channel) = 1 as is_whole_source,
            count(*) as row_count,
            count(*) filter (where is_gone) as gone,
            count(*) filter (where is_moved) as moved,
            count(*) filter (where not is_gone and is_in_other_currency) as in_other_currency,
            count(*) filter (where difference > 0.2 * amount) as revalued,
            count(*) filter (where difference > 0.001 * amount) as corrected,
            count(*) filter (where not is_gone and is_in_other_channel) as in_other_channel
        from compared
        group by grouping sets ((fact, source_name), (fact, source_name, channel))
    """,
    expectations=(
        never(
            "is_whole_source and row_count >= 20 and gone >= 0.5 * row_count",
            name="rows keep their keys",
            owner="data",
            sentence="Half of the past rows of a source are gone, or came back as other rows.",
        ).about_the_past(),
        never(
            "is_whole_source and row_count >= 20 and moved >= 0.5 * row_count",
            name="rows keep their instants",
            owner="data",
            sentence="What a source said in the past happened at other times now; it looks like"
            " another timezone.",
        ).about_the_past(),
        never(
            "is_whole_source and row_count >= 20 and in_other_currency >= 0.2 * row_count",
            name="rows keep their currency",
            owner="finance",
            sentence="Past amounts of a source are in another currency than before.",
        ).about_the_past(),
        never(
            "is_whole_source and row_count >= 20 and revalued >= 0.2 * row_count",
            name="rows keep their amounts",
            owner="finance",
            sentence="Many past amounts of a source are now worth something else.",
        ).about_the_past(),
        never(
            "is_whole_source and row_count >= 20 and corrected >= 0.2 * row_count",
            name="amounts are not corrected by the dozen",
            owner="finance",
            sentence="Many past amounts of a source changed a little; look for another rate.",
        ).as_warning(),
        never(
            "not is_whole_source and row_count >= 20 and in_other_channel >= 0.5 * row_count",
            name="rows keep their channel",
            owner="marketing",
            sentence="Half of what a channel brought in the past is now in another channel.",
        ).as_warning(),
    ),
)
