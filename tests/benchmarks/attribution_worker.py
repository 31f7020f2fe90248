"""One measured run over many touches in a process of its own: prints CPU seconds and peak memory.

`write`: the tables, `sort`: one sort of the touches by person and time, `build`: the models.
"""

import json
import resource
import sys
from pathlib import Path
from typing import Any

import duckdb

from tests import model_sql
from tests.benchmarks.memory import peak_mib

# What follows from an order's instant, for a look-back of 90 days.
OF_ORDERS = """
        'order' as conversion_type,
        converted_at::date as converted_date,
        date_trunc('month', converted_at)::date as converted_month,
        converted_at - interval 90 day as touches_from,
        null::timestamp as touches_after,
        converted_at as touches_through,
        null::timestamp as lead_created_at,
        null::timestamp as opportunity_created_at,
        false as is_consent_denied,
        true as is_new_customer"""
# What follows from the other tables, and what stays empty.
BESIDE = """
    create table int_attribution__channels as
    select channel, row_number() over (order by channel)::integer as channel_number
    from (select distinct channel from int_attribution__traffic_sources);
    create table int_attribution__reversals (
        reversal_key bigint, conversion_key bigint, conversion_type varchar, reversed_date date,
        amount decimal(18, 4)
    );
"""
# Visits come in order of time. A person has ten within 45 days; three of ten people buy, within ten
# days after.
BLOCKS = 16
TABLES = f"""
    create table int_attribution__touches as
    select
        i as touch_key,
        (block * {{people}} + hash(i) % {{people}})::bigint as person_key,
        touched_at,
        date_trunc('month', touched_at)::date as touched_month,
        (hash(i, 4) % 96)::bigint as traffic_source_key,
        hash(i, 4) % 96 < 16 as is_direct
    from (
        select
            i,
            i * {BLOCKS} // {{touches}} as block,
            timestamp '2024-01-01' + to_seconds(i * {BLOCKS} * 3888000 // {{touches}}) as touched_at
        from range({{touches}}) as t (i)
    );
    create table int_attribution__conversions as
    select
        (hash(p, 7) >> 4)::bigint as conversion_key,
        p as person_key,
        timestamp '2024-01-01'
        + to_seconds((p // {{people}} + 1) * 3888000 + (hash(p, 9) % 864000)::bigint)
            as converted_at,
{OF_ORDERS},
        ((1 + hash(p, 8) % 100000) / 100.0)::decimal(18, 4) as revenue,
        (revenue * 0.4)::decimal(18, 4) as margin
    from range({{people}} * {BLOCKS}) as t (p)
    where hash(p, 2) % 10 < 3;
    create table int_attribution__traffic_sources as
    select
        i as traffic_source_key,
        'Channel ' || i // 4 as channel,
        'Campaign ' || i % 4 as campaign,
        i < 16 as is_direct
    from range(96) as t (i);
    {BESIDE}
    create table int_attribution__person_months as select 1 as change_number;
"""
SORT = """
    create table sorted as from int_attribution__touches order by person_key, touched_at
"""


def opened(file: Path, memory: str) -> Any:
    connection = duckdb.connect(config={"memory_limit": memory, "threads": "2"})
    connection.execute(f"set TimeZone = 'UTC'; set temp_directory = '{file.parent / 'spilled'}'")
    connection.execute("set preserve_insertion_order = false")
    connection.execute(f"attach '{file}' as warehouse")
    connection.execute("create schema if not exists warehouse.intermediate")
    connection.execute("use warehouse.intermediate")
    return connection


def main() -> None:
    kind, file, memory, touches, models = sys.argv[1:]
    connection = opened(Path(file), memory)
    before = resource.getrusage(resource.RUSAGE_SELF)
    if kind == "write":
        people = int(touches) // BLOCKS // 10
        connection.execute(TABLES.format(touches=touches, people=people))
    elif kind == "sort":
        connection.execute(SORT)
        connection.execute("drop table sorted")
    else:
        views, compiled = json.loads(Path(models).read_text(encoding="utf-8"))
        model_sql.build(connection, compiled, views=views)
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps({"cpu_seconds": round(cpu, 1), "peak_mib": peak_mib()}))


if __name__ == "__main__":
    main()
