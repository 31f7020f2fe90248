"""A source pays in the currency it always did, at a rate that moves as rates do."""

from expectations.suite import Suite, never

_AMOUNTS = " union all ".join(
    f"select source_name, currency, exchange_rate, {day} as day, is_rate_extrapolated"
    f" from core.{table} where {day} <= getvariable('as_of')::date"
    for table, day in (
        ("fct_orders", "order_date"),
        ("fct_refunds", "refund_date"),
        ("fct_ad_spend", "spend_date"),
    )
)

SUITE = Suite(
    name="audits.currencies_and_rates_stay",
    table="core.fct_orders",
    read="counts",
    query=f"""
        with amounts as ({_AMOUNTS}),

        sources as (
            select
                'source' as what,
                source_name as part,
                count(*) filter (where is_new) as new_rows,
                count(*) filter (where not is_new) as old_rows,
                count(*) filter (where is_new and not is_known) as unknown,
                0::bigint as extrapolated,
                1::double as jump,
                0::bigint as days_unchanged,
                0::bigint as longest_unchanged
            from (
                select
                    *,
                    day >= getvariable('as_of')::date - 7 as is_new,
                    coalesce(
                        min(day) over (partition by source_name, currency)
                        < getvariable('as_of')::date - 7,
                        false
                    ) as is_known
                from amounts
            )
            group by source_name
        ),

        rates as (
            select
                currency,
                day,
                median(exchange_rate) as rate,
                bool_or(is_rate_extrapolated) as is_guess
            from amounts
            where exchange_rate is not null and day >= getvariable('as_of')::date - 365
            group by currency, day
        ),

        steps as (
            select
                *,
                lag(rate) over (partition by currency order by day) as rate_before,
                rate is distinct from lag(rate) over (partition by currency order by day) as is_step
            from rates
        ),

        runs as (
            select
                *,
                date_diff(
                    'day',
                    max(case when is_step then day end) over (
                        partition by currency order by day
                        rows between unbounded preceding and current row
                    ),
                    day
                ) as days_unchanged,
                max(day) over (partition by currency) as last_day
            from steps
        ),

        currencies as (
            select
                'currency' as what,
                currency as part,
                0::bigint as new_rows,
                count(distinct rate) as old_rows,
                0::bigint as unknown,
                count(*) filter (where is_guess and day >= getvariable('as_of')::date - 7)
                    as extrapolated,
                max(greatest(rate / rate_before, rate_before / rate))
                    filter (where day >= getvariable('as_of')::date - 35) as jump,
                max(days_unchanged) filter (where day = last_day) as days_unchanged,
                max(days_unchanged) filter (where day < last_day - 30) as longest_unchanged
            from runs
            group by currency
        )

        from sources
        union all
        from currencies
    """,
    expectations=(
        never(
            "what = 'source' and old_rows >= 20 and new_rows >= 5 and unknown = new_rows",
            name="no source changes its currency",
            owner="finance",
            sentence="All new amounts of a source are in a currency it never used before.",
        ).about_the_past(),
        never(
            "what = 'source' and old_rows >= 20 and unknown > 0",
            name="no source has a new currency",
            owner="finance",
            sentence="New amounts of a source are in a currency it never used before.",
        ).as_warning(),
        never(
            "jump > 1.25",
            name="no rate jumps",
            owner="finance",
            sentence="An exchange rate moved by a quarter or more at once; it may be upside down.",
        ).about_the_past(),
        never(
            "what = 'currency' and old_rows >= 5 and days_unchanged >= 10"
            " and days_unchanged > 2 * longest_unchanged",
            name="no rate stands still",
            owner="finance",
            sentence="An exchange rate has not moved for far longer than it usually takes.",
        ).as_warning(),
        never(
            "extrapolated > 0",
            name="rates are those of the day",
            owner="finance",
            sentence="New amounts are converted at a rate from long before, for want of a newer.",
        ).as_warning(),
    ),
)
