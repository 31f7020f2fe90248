"""A country has its holidays under the name that customers, leads and orders have for it."""

from expectations.suite import Suite, never

SUITE = Suite(
    name="audits.holidays_meet_countries",
    table="core.dim_business_days",
    read="counts",
    query="""
        with delivered as (
            select country, count(*) as rows_of_it from core.dim_customers group by country
            union all
            select country, count(*) as rows_of_it from core.fct_leads group by country
            union all
            select country, count(*) as rows_of_it from core.fct_orders group by country
        )

        select
            country,
            country in (select country from delivered where country is not null) as is_delivered,
            (
                select coalesce(sum(rows_of_it), 0)
                from delivered
                where country <> '(unknown)'
            ) as rows_with_country
        from (select distinct country from core.dim_business_days)
    """,
    expectations=(
        never(
            "rows_with_country >= 30 and not is_delivered",
            name="holidays name countries as the sources do",
            owner="service",
            sentence="No customer, lead or order is of a country of calendar/holidays, so its"
            " holidays close for nobody, unless it is the home country. Give it the name there"
            " that the sources deliver.",
        ).as_warning(),
    ),
)
