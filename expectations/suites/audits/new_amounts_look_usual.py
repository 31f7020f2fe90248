"""What comes new is worth about as much a piece as what came before, and clicks cost as much."""

from expectations.suite import Suite, never

SUITE = Suite(
    name="audits.new_amounts_look_usual",
    table="core.fct_orders",
    read="counts",
    query="""
        with priced as (
            select 'orders' as what, source_name, order_date as day, net_revenue as price
            from core.fct_orders
            -- The newest orders are under way yet, and no revenue.
            where net_revenue > 0
            union all
            select 'refunds' as what, source_name, refund_date as day, refunded as price
            from core.fct_refunds
            where refunded > 0
            union all
            select
                'clicks' as what,
                source_name,
                spend_date as day,
                sum(reported_spend) / sum(clicks) as price
            from core.fct_ad_spend
            group by source_name, platform, campaign_id, spend_date
            having sum(clicks) >= 10 and sum(reported_spend) > 0
            union all
            select
                'days of clicks' as what,
                source_name,
                spend_date as day,
                sum(reported_spend) / sum(clicks) as price
            from core.fct_ad_spend
            group by source_name, spend_date
            having sum(clicks) >= 20
            union all
            select 'deals' as what, source_name, created_date as day, amount as price
            from core.fct_opportunities
            where amount > 0
        ),

        -- The newest 20 prices of a source, as far as they are of the last two weeks, and those of
        -- each two weeks before.
        aged as (
            select
                *,
                row_number() over (
                    partition by what, source_name, fortnight order by day desc
                ) as age
            from (
                select
                    *,
                    greatest(getvariable('as_of')::date - day - 1, 0) // 14 as fortnight
                from priced
                where day between getvariable('as_of')::date - 365 and getvariable('as_of')::date
            )
        ),

        compared as (
            select
                what,
                source_name,
                count(*) filter (where is_new) as new_prices,
                count(*) filter (where not is_new) as old_prices,
                median(price) filter (where is_new) as new_price,
                median(price) filter (where not is_new) as old_price,
                max(price) filter (where is_newest)
                / nullif(max(price) filter (where not is_new), 0) as highest,
                min(price) filter (where is_newest)
                / nullif(median(price) filter (where not is_new), 0) as lowest
            from (
                select
                    *,
                    age <= 20 and fortnight = 0 as is_new,
                    day
                    >= coalesce(getvariable('as_of_earlier'), getvariable('as_of') - interval 1 day)
                    ::date as is_newest
                from aged
            )
            group by all
        ),

        -- What comes by the month beside what comes every day is missing in most fortnights, and
        -- makes the others differ from the whole: as far as two of them, of more than four weeks
        -- ago, is nothing new.
        fortnights as (
            select what, source_name, median(price) as price
            from aged
            where age <= 20 and fortnight >= 2
            group by what, source_name, fortnight
            having count(*) >= 5
        ),

        swings as (
            select
                what,
                source_name,
                list(price order by price desc)[2] as second_highest,
                list(price order by price)[2] as second_lowest
            from fortnights
            group by what, source_name
        )

        select
            compared.*,
            new_price / nullif(old_price, 0) as factor,
            coalesce(second_highest / nullif(old_price, 0), 1) as up_to,
            coalesce(second_lowest / nullif(old_price, 0), 1) as down_to
        from compared
        left join swings using (what, source_name)
    """,
    expectations=(
        never(
            "new_prices >= 5 and old_prices >= 30"
            " and not factor between if(down_to < 0.12, down_to / 2, 0.12)"
            " and if(up_to > 8, up_to * 2, 8)",
            name="no price is off by a factor of ten",
            owner="finance",
            sentence="New orders, refunds, deals or clicks are worth many times what they used to"
            " be, or a fraction; cents may have come for euros.",
        ).about_the_past(),
        never(
            "new_prices >= 5 and old_prices >= 30"
            " and not factor between if(down_to < 0.4, down_to / 2, 0.4)"
            " and if(up_to > 2.5, up_to * 2, 2.5)",
            name="no price doubles",
            owner="finance",
            sentence="New orders, refunds, deals or clicks are worth far more or less than usual.",
        ).as_warning(),
        # The newest twenty may be of many days; one alone tells where it is beyond all others.
        never(
            "old_prices >= 30 and highest > 5",
            name="no new price is beyond all others",
            owner="finance",
            sentence="A new order, refund, deal or click is worth five times as much as any of the"
            " past year.",
        ).as_warning(),
        never(
            "what = 'days of clicks' and old_prices >= 30 and lowest < 0.1",
            name="no day of clicks is all but free",
            owner="marketing",
            sentence="The clicks of a new day cost a tenth of what they used to, or nothing.",
        ).as_warning(),
    ),
)
