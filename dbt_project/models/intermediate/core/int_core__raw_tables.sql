{%- set orders = raw_tables()['shop_orders'] %}
with counted as (
    {% for table, known in raw_tables().items() %}
        select
            '{{ table }}' as raw_table,
            cast(count(*) as bigint) as row_count,
            coalesce(
                min(case when source_name in ({{ ended_sources() }}) then 1 else 0 end), 0
            ) = 1 as has_ended,
            cast({{ 'min(' ~ known.signs[0] ~ ')' if known.signs else 'null' }} as timestamp)
                as first_row_at,
            cast({{ latest_sign(known.signs) }} as timestamp) as last_row_at
        from {{ ref(known.model) }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- A sign of life before this instant is too old.
allowed as (
    {% for table in raw_tables() %}
        select
            '{{ table }}' as raw_table,
            {{ as_of() }} - {{ day_interval(stale_after_days(table)) }} as fresh_from
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

ledger as (
    select
        ledger.*,
        ledger.loaded_at >= allowed.fresh_from as is_recent
    from {{ ref('stg_ops__ledger') }} as ledger
    inner join allowed on ledger.table_name = allowed.raw_table
    where ledger.status <> 'superseded'
),

loads as (
    select
        table_name,
        cast(sum(rows_loaded) as bigint) as rows_loaded,
        cast(sum(rows_quarantined) as bigint) as rows_quarantined,
        cast(sum(rows_repeated) as bigint) as rows_repeated,
        cast(sum(case when status = 'refused' then 1 else 0 end) as bigint) as files_refused,
        cast(sum(case when is_recent then rows_quarantined else 0 end) as bigint)
            as rows_quarantined_recently,
        cast(sum(case when is_recent and status = 'refused' then 1 else 0 end) as bigint)
            as files_refused_recently,
        max(case when status <> 'refused' then loaded_at end) as last_load_at,
        max(case when status = 'refused' then loaded_at end) as last_refusal_at
    from ledger
    group by table_name
),

waited_for as (
    select
        raw_table,
        source_name,
        reached_on,
        due_on < {{ as_of_date() }} as is_silent
    from {{ ref('int_core__awaited_sources') }}
),

silent as (
    select
        raw_table,
        {{ listed('case when is_silent then source_name end') }} as sources,
        max(case when is_silent then 0 else 1 end) = 1 as is_still_to_come
    from waited_for
    group by raw_table
),

-- Where orders may be silent for long, as those of a file a month are, they are fresh meanwhile. A
-- silence that is longer than any before is none of the customers': the file is still to come.
order_days as (
    select distinct {{ orders.counted_on }} as date_day
    from {{ ref(orders.model) }}
    where
        {{ ('shop_orders' in var('stale_after_days_of')) | lower }}
        and {{ orders.signs[0] }} <= {{ as_of() }}
        and source_name not in ({{ ended_sources() }})
),

order_gaps as (
    select
        date_day,
        lag(date_day) over (order by date_day nulls last) as previous_day
    from order_days
),

awaited as (
    select
        'shop_orders' as raw_table,
        max(date_day) as reached_on,
        max({{ dbt.datediff('previous_day', 'date_day', 'day') }}) as longest_gap
    from order_gaps
),

reached as (
    select
        raw_table,
        reached_on
    from waited_for

    union all

    select
        raw_table,
        reached_on
    from awaited
    where {{ dbt.datediff('reached_on', as_of_date(), 'day') }} > longest_gap
),

reached_together as (
    select
        raw_table,
        min(reached_on) as reached_on
    from reached
    group by raw_table
),

health as (
    select
        counted.raw_table,
        counted.row_count,
        counted.first_row_at,
        counted.last_row_at,
        loads.last_load_at,
        loads.last_refusal_at,
        coalesce(loads.rows_loaded, 0) as rows_loaded,
        coalesce(loads.rows_quarantined, 0) as rows_quarantined,
        coalesce(loads.rows_repeated, 0) as rows_repeated,
        coalesce(loads.files_refused, 0) as files_refused,
        coalesce(loads.rows_quarantined_recently, 0) as rows_quarantined_recently,
        coalesce(loads.files_refused_recently, 0) as files_refused_recently,
        reached_together.reached_on,
        silent.sources as silent_source,
        case
            when counted.row_count = 0 then 'empty'
            when counted.last_row_at is null then 'not_dated'
            when
                (
                    counted.last_row_at < allowed.fresh_from
                    and not counted.has_ended
                    and not coalesce(silent.is_still_to_come, false)
                )
                or silent.sources is not null
                then 'stale'
            else 'fresh'
        end as freshness
    from counted
    inner join allowed on counted.raw_table = allowed.raw_table
    left join loads on counted.raw_table = loads.table_name
    left join silent on counted.raw_table = silent.raw_table
    left join reached_together on counted.raw_table = reached_together.raw_table
)

select * from health
