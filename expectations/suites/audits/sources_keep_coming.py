"""A source or a channel that had rows for the newest days of the release before still has some."""

from expectations.facts import rows_by_part
from expectations.suite import Suite, never

_SINCE = "getvariable('as_of_earlier')::date - 28"

SUITE = Suite(
    name="audits.sources_keep_coming",
    table="core.fct_orders",
    read="counts",
    query=f"""
        with closing as (
            select
                max(date_day) filter (where ends_at <= getvariable('as_of')) as last_day,
                max(date_day) filter (where ends_at <= getvariable('as_of_earlier'))
                    as last_day_before
            from core.dim_dates
        ),

        before as (
            select
                fact,
                kind,
                part,
                count(*) as row_count,
                count(distinct day) as days,
                max(day) as last_day
            from ({rows_by_part(_SINCE, release="earlier.")})
            where day <= (select last_day_before from closing)
            group by all
        ),

        now as (
            select fact, kind, part, max(day) as last_day
            from ({rows_by_part(_SINCE)})
            group by all
        )

        select
            before.*,
            closing.last_day_before - before.last_day as lag_before,
            closing.last_day - now.last_day as lag_now
        from before
        cross join closing
        left join now using (fact, kind, part)
    """,
    expectations=(
        never(
            "days >= 26 and lag_before = 0 and coalesce(lag_now, 99) > 0 and row_count >= 8 * days",
            name="daily sources have the newest day",
            owner="data",
            sentence="A source or channel that brings rows every day brought none for the newest.",
        ).as_warning(),
    ),
)
