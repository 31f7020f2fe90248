"""An event by which funnels and carts go comes as long as the log of its source goes on."""

from expectations.suite import Suite, never

# After an update of a site or an app an event may have another name, and none of the figures that
# rest on it says why it fell. The last week of a source is held against the four before it, by the
# share that the event had of all: ten that were due, and none came, is no chance.
SUITE = Suite(
    name="audits.events_keep_their_names",
    table="core.fct_sessions",
    read="counts",
    needs_sources=True,
    needs_seeds=True,
    query="""
        with ends as (
            select
                _source as source_name,
                max(occurred_at) - interval 7 days as week_from
            from sources.raw.web_events
            where occurred_at <= getvariable('as_of')
            group by _source
            having max(occurred_at) > getvariable('as_of') - interval 7 days
        ),

        names as (
            select
                ends.source_name,
                events.event_name as part,
                count(*) filter (where events.occurred_at > ends.week_from) as newest,
                count(*) filter (where events.occurred_at <= ends.week_from) as before,
                count(distinct events.occurred_at::date)
                    filter (where events.occurred_at <= ends.week_from) as days
            from sources.raw.web_events as events
            inner join ends on events._source = ends.source_name
            where
                events.occurred_at <= getvariable('as_of')
                and events.occurred_at > ends.week_from - interval 28 days
            group by ends.source_name, events.event_name
        ),

        shares as (
            select
                *,
                sum(newest) over source * before / nullif(sum(before) over source, 0) as due
            from names
            window source as (partition by source_name)
        )

        from shares
        where
            part in ('add_to_cart', 'purchase')
            or part in (select event_or_stage from seeds.funnel_steps)
    """,
    expectations=(
        never(
            "newest = 0 and due >= 10 and days >= 14",
            name="events of funnels and carts keep coming",
            owner="digital",
            sentence="An event by which funnels or carts go came daily from a source and came no"
            " more in its last week, while others did. If it has another name now, give it the"
            " former one in source.yaml (a case that reads both) and run `make rebuild`.",
        )
        .telling("source_name", "part")
        .as_warning(),
    ),
)
