"""The days that are new in this release have about the volume of such days before.

A day is judged by the same weekday of the eight weeks before, a week by the eight weeks before;
nothing is said of what is too rare to have a usual volume.
"""

from expectations.facts import rows_by_part
from expectations.suite import Suite, never

# A day of the first of these spans is meant alone, of the second with the six that follow it.
TOLD = ("fact", "part", "span", "day")

SUITE = Suite(
    name="audits.new_days_look_usual",
    table="core.fct_orders",
    read="counts",
    query=f"""
        with counted as (
            select fact, kind, part, day, count(*) as n
            from ({rows_by_part("getvariable('as_of')::date - 100")})
            group by all
        ),

        closing as (
            select max(date_day) as last_day
            from core.dim_dates
            where ends_at <= getvariable('as_of')
        ),

        -- Before a source's last day a day without rows is a hole; after it, it may be on its way.
        parts as (
            select fact, kind, part, least(max(day), any_value(last_day)) as until
            from counted
            cross join closing
            group by fact, kind, part
        ),

        grid as (
            select fact, kind, part, until, (until - steps.back::integer) as day
            from parts
            cross join range(0, 70) as steps (back)
        ),

        filled as (
            select
                grid.*,
                coalesce(counted.n, 0) as n,
                (grid.until - grid.day)::bigint as age
            from grid
            left join counted using (fact, kind, part, day)
        ),

        spans as (
            select
                fact, kind, part, until, 'day' as span, day, n, age,
                age % 7 as place, age // 7 as week
            from filled
            union all
            select
                fact, kind, part, until, 'week' as span, min(day) as day, sum(n) as n,
                age // 7 as age, 0 as place, age // 7 as week
            from filled
            group by all
        ),

        compared as (
            select
                *,
                count(*) over eight as weeks,
                min(n) over eight as least_before,
                max(n) over eight as most_before,
                median(n) over eight as usual
            from spans
            window eight as (
                partition by fact, kind, part, span, place
                order by week desc
                rows between 8 preceding and 1 preceding
            )
        )

        select compared.*
        from compared
        cross join closing
        where
            weeks = 8
            -- New since the release before, or the last days where there is none.
            and day + case when span = 'week' then 6 else 0 end >= coalesce(
                getvariable('as_of_earlier')::date - 3, last_day - 2
            )
            and age <= case when span = 'week' then 0 else 13 end
    """,
    expectations=(
        never(
            "usual >= 10 and n >= 1.8 * most_before",
            name="no new day is doubled",
            owner="data",
            sentence="A new day, or a week from that day on, has far more rows than any such "
            "one of the last two months.",
        )
        .as_warning()
        .telling(*TOLD),
        never(
            "least_before >= 8 and n <= 0.4 * least_before",
            name="no new day is cut short",
            owner="data",
            sentence="A new day, or a week from that day on, has far fewer rows than any such "
            "one of the last two months.",
        )
        .as_warning()
        .telling(*TOLD),
    ),
)
