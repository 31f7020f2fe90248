"""Deliveries of the sales team's system have no holes: a business day is held against its weekday.

What is usual is the median of the eight same weekdays before. The last four weeks are looked at.
"""

from expectations.suite import Suite, never

SUITE = Suite(
    name="audits.crm_days_are_there",
    table="core.fct_activities",
    read="counts",
    query="""
        with happened as (
            select activity_date as date_day from core.fct_activities
            union all
            select created_date as date_day from core.fct_leads
            union all
            select entered_date as date_day from funnel.pipeline_stages
        ),

        daily as (
            select
                days.date_day,
                count(happened.date_day) as records
            from core.dim_dates as days
            left join happened on days.date_day = happened.date_day
            where
                days.is_business_day
                and days.date_day < getvariable('as_of')::date
                and days.date_day >= (select min(date_day) from happened)
            group by days.date_day
        )

        select
            daily.date_day,
            daily.records,
            coalesce(
                (
                    select median(before.records)
                    from daily as before
                    where
                        dayofweek(before.date_day) = dayofweek(daily.date_day)
                        and before.date_day < daily.date_day
                        and before.date_day >= daily.date_day - 56
                ),
                0
            ) as usual
        from daily
        where daily.date_day >= getvariable('as_of')::date - 28
    """,
    expectations=(
        never(
            "records = 0 and usual >= 5",
            owner="sales",
            sentence="A business day has no leads, activities or stages at all; its file may lack.",
        ).as_warning(),
        never(
            "records > 0 and records < 0.2 * usual and usual >= 20",
            owner="sales",
            sentence="A business day has a fifth of the usual leads, activities and stages.",
        ).as_warning(),
    ),
)
