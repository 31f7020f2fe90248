"""A source or a channel that had rows for the newest days of the release before still has some.

Which one is busy is said as the warehouse says it of the sources that it waits for: with eight rows
a day, on the same weekdays all through four weeks, but for two days. On a holiday nothing is due
from a source that rests on some weekday.
"""

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

        weekdays as (
            select
                fact,
                kind,
                part,
                isodow(day) as weekday,
                count(*) as row_count,
                count(distinct day) as days,
                max(day) as last_day
            from ({rows_by_part(_SINCE, release="earlier.")})
            where day <= (select last_day_before from closing)
            group by all
        ),

        before as (
            select
                fact,
                kind,
                part,
                list(weekday) filter (where days > 2) as open_weekdays,
                sum(row_count) as row_count,
                sum(days) as days,
                sum(least(days, 4 - days)) as departures,
                max(last_day) as last_day
            from weekdays
            group by all
        ),

        now as (
            select fact, kind, part, max(day) as last_day
            from ({rows_by_part(_SINCE)})
            group by all
        ),

        due as (
            select
                before.fact,
                before.kind,
                before.part,
                max(dates.date_day) as last_day,
                max(dates.date_day) filter (where dates.date_day <= closing.last_day_before)
                    as last_day_before
            from before
            cross join closing
            inner join core.dim_dates as dates
                on
                    dates.date_day <= closing.last_day
                    and list_contains(before.open_weekdays, isodow(dates.date_day))
                    and (dates.holiday_countries = 0 or len(before.open_weekdays) = 7)
            group by all
        )

        select
            before.*,
            len(open_weekdays) as open_days_a_week,
            before.last_day >= due.last_day_before as was_there,
            now.last_day >= due.last_day as is_there
        from before
        inner join due using (fact, kind, part)
        left join now using (fact, kind, part)
    """,
    expectations=(
        never(
            "open_days_a_week >= 5 and departures <= 2 and row_count >= 8 * days"
            " and was_there and is_there is not true",
            name="daily sources have the newest day",
            owner="data",
            sentence="A source or channel that brings rows every day brought none for the newest.",
        ).as_warning(),
    ),
)
