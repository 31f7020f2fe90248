"""What the Markov model costs beside the attribution join, paths included, with 20 channels.

Run by `make bench`; written to docs/benchmarks.md. `BENCHMARK_TOUCHES` is the number of touches
(10,000,000). Both sides run the models' own SQL on the same tables; paths are charged to both.
"""

import os
import statistics
import time
from collections.abc import Callable
from typing import Any

from orchestration.lib.statistics.steps import markov_effects
from tests import model_sql
from tests.benchmarks import report

TOUCHES = int(os.environ.get("BENCHMARK_TOUCHES", "10000000"))
REPEATS = 3
DAYS = 730
CHANNELS = 20
JOIN = (
    "int_attribution__path_milestones",
    "int_attribution__path_ends",
    "int_attribution__touches_weighed",
    "int_attribution__sources_shared",
    "int_attribution__claims",
    "int_attribution__credits_spread",
    "int_attribution__credits_placed",
    "int_attribution__credits_daily",
)
VIEWS = (JOIN[0], *JOIN[2:7])
MARKOV = ("int_attribution__steps_counted", "int_attribution__transitions")
PATHS = """
    create or replace table warehouse.intermediate.int_attribution__paths as
    select
        conversions.conversion_key,
        touches.touch_key,
        touches.touched_at,
        touches.traffic_source_key,
        touches.is_direct,
        row_number() over (
            partition by conversions.conversion_key
            order by touches.touched_at, touches.touch_key
        ) as position,
        count(*) over (partition by conversions.conversion_key) as path_length
    from warehouse.intermediate.int_attribution__conversions as conversions
    inner join warehouse.intermediate.int_attribution__touches as touches
        on
            conversions.person_key = touches.person_key
            and touches.touched_at <= conversions.converted_at
            and touches.touched_at >= conversions.converted_at - interval 90 day
"""
# The least that any model costs: touches joined to their paths, counted by channel and day.
BARE_JOIN = """
    select
        traffic_sources.channel,
        conversions.converted_date,
        sum(case when paths.position = 1 then 1 else 0 end),
        sum(case when paths.position = paths.path_length then 1 else 0 end),
        sum(1.0 / paths.path_length)
    from warehouse.intermediate.int_attribution__paths as paths
    inner join warehouse.intermediate.int_attribution__conversions as conversions
        using (conversion_key)
    inner join warehouse.intermediate.int_attribution__traffic_sources as traffic_sources
        using (traffic_source_key)
    group by all
"""
# A person has four touches on average, some many more; three in a hundred touches buy.
TABLES = {
    "int_attribution__touches": f"""
        select
            i as touch_key,
            floor({TOUCHES} / 4 * pow(hash(i) % 1000003 / 1000003.0, 1.5))::bigint as person_key,
            timestamp '2024-07-01' + to_seconds((hash(i * 3) % ({DAYS} * 86400))::bigint)
                as touched_at,
            (hash(i * 5) % 60)::bigint as traffic_source_key,
            hash(i * 5) % 60 = 0 as is_direct
        from range({TOUCHES}) t(i)
    """,
    "int_attribution__conversions": """
        select
            touch_key * 7919 as conversion_key,
            person_key,
            'order' as conversion_type,
            touched_at + to_seconds((hash(touch_key * 11) % 3600)::bigint) as converted_at,
            touched_at::date as converted_date,
            false as is_consent_denied,
            true as is_new_customer,
            null::timestamp as lead_created_at,
            null::timestamp as opportunity_created_at,
            (10 + hash(touch_key) % 200)::decimal(18, 4) as revenue,
            5::decimal(18, 4) as margin
        from warehouse.intermediate.int_attribution__touches
        where hash(touch_key * 13) % 100 < 3
    """,
    "int_attribution__reversals": """
        select
            null::bigint as reversal_key,
            null::bigint as conversion_key,
            'order' as conversion_type,
            null::date as reversed_date,
            0::decimal(18, 4) as amount
        limit 0
    """,
    "int_attribution__traffic_sources": f"""
        select
            i as traffic_source_key,
            'Channel ' || i % {CHANNELS} as channel,
            'Campaign ' || i as campaign,
            i = 0 as is_direct
        from range(60) t(i)
    """,
    "int_attribution__channels": f"""
        select 'Channel ' || i as channel, i::integer as channel_number from range({CHANNELS}) t(i)
    """,
    "int_attribution__channel_weights": f"""
        select
            'markov' as model,
            (date '2024-07-01' + to_months(month::int))::date as period_start,
            'Channel ' || i as channel,
            1 + i as weight
        from range({CHANNELS}) t(i) cross join range(25) months(month)
    """,
}


def cpu(work: Callable[[], Any]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


def test_the_markov_model_costs_little_beside_the_attribution_join() -> None:
    names = ("int_attribution__decay_steps", *JOIN, *MARKOV)
    sql = model_sql.compile_models(names, {"business_timezone": "Europe/Paris"})
    connection = model_sql.memory_warehouse(("intermediate",))
    connection.execute("set threads = 2; set preserve_insertion_order = false")
    model_sql.build(connection, TABLES)
    model_sql.build(connection, {"int_attribution__decay_steps": sql[names[0]]})

    def solve() -> None:
        table = connection.execute(
            "from warehouse.intermediate.int_attribution__transitions"
        ).to_arrow_table()
        effects = markov_effects(
            {"int_attribution__transitions": table}, {"markov_order": 1, "markov_draws": 200}
        ).to_pylist()
        assert len({row["channel"] for row in effects}) == CHANNELS

    def median(work: Callable[[], Any]) -> float:
        return statistics.median(cpu(work) for _ in range(REPEATS))

    paths = median(lambda: connection.execute(PATHS))
    join = median(
        lambda: model_sql.build(connection, {name: sql[name] for name in JOIN}, views=VIEWS)
    )
    bare = median(lambda: connection.execute(BARE_JOIN).fetchall())
    counting = median(lambda: model_sql.build(connection, {name: sql[name] for name in MARKOV}))
    solving = median(solve)
    on_paths, conversions = connection.execute(
        "select count(*), count(distinct conversion_key)"
        " from warehouse.intermediate.int_attribution__paths"
    ).fetchone()
    ratio = (paths + counting + solving) / (paths + join)
    report.write(
        "Markov beside the attribution join",
        [
            f"{TOUCHES:,} touches of {CHANNELS} channels over {DAYS} days, {conversions:,}"
            f" conversions with {on_paths:,} touches on their paths; 2 threads, CPU seconds,"
            f" medians of {REPEATS}.",
            "",
            "| | CPU s |",
            "|---|---:|",
            f"| paths, charged to both | {paths:.1f} |",
            f"| nine models to traffic source and day | {join:.1f} |",
            f"| the bare join to channel and day, without models | {bare:.1f} |",
            f"| steps of converting and lost journeys counted | {counting:.1f} |",
            f"| 25 chains solved, with 200 draws each | {solving:.1f} |",
            "",
            f"Markov per attribution join, paths included: {ratio:.2f} (at most 1.5). Most of it is"
            " putting the touches that led nowhere in order, one sort by person and time; the bare"
            " join never looks at them.",
        ],
    )
    assert ratio <= 1.5
