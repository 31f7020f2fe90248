-- How far each source of a raw table has reached, where it brings rows on each day of its week: a
-- second shop that went silent is no change of the business. What has been silent for long is taken
-- as ended, and so is, from the first day, what `ended_sources` names. Ads end by themselves, so
-- that a platform is waited for a few days only. Deals come when they come: they are no such table.
-- What comes by the month has reached the end of the last one of which it has a row; any table with
-- days may, whatever the vars were with which dependencies were found.
{%- for known in raw_tables().values() if known.counted_on %}
-- depends_on: {{ ref(known.model) }}
{%- endfor %}
{%- set tables = [] %}
{%- for table, known in raw_tables().items() if known.comes_daily %}
    {%- do tables.append((table, known, known.comes_daily)) %}
{%- endfor %}
{%- set busy = busy_source() %}
{%- set weeks = busy.window // 7 %}
{%- set is_open = 'day_count * 2 > ' ~ weeks %}
with recent_days as (
    {% for table, known, daily in tables %}
        select
            '{{ table }}' as raw_table,
            source_name,
            {{ daily.get('of', "''") }} as part,
            {{ known.counted_on }} as date_day,
            {{ daily.rows }} as rows_a_day,
            {{ daily.missed_for }} as missed_for,
            {{ stale_after_days_by_source(table) }} as stale_after,
            count(*) as row_count
        from {{ ref(known.model) }}
        where
            {{ known.signs[0] }} <= {{ as_of() }}
            and {{ known.signs[0] }}
            >= {{ as_of() }}
            - ({{ daily.missed_for }} + {{ busy.window + 7 }}) * {{ day_interval(1) }}
            and source_name not in ({{ ended_sources() }})
            and source_name not in ({{ monthly_sources(table) }})
        group by source_name{{ ', ' ~ daily.of if daily.of }}, {{ known.counted_on }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

dated as (
    select
        *,
        max(date_day) over (partition by raw_table, source_name, part) as last_day
    from recent_days
),

weekdays as (
    select
        raw_table,
        source_name,
        part,
        {{ iso_weekday('date_day') }} as iso_weekday,
        min(last_day) as last_day,
        min(rows_a_day) as rows_a_day,
        min(missed_for) as missed_for,
        min(stale_after) as stale_after,
        count(*) as day_count,
        sum(row_count) as row_count
    from dated
    where {{ dbt.datediff('date_day', 'last_day', 'day') }} < {{ busy.window }}
    group by raw_table, source_name, part, {{ iso_weekday('date_day') }}
),

-- With eight rows a day that come by chance, days without any are rare. Of a weekday on which rows
-- came once or never, the source is closed; where it is open follows when the next rows are due.
weekly as (
    select
        raw_table,
        source_name,
        part,
        last_day,
        missed_for,
        stale_after,
        min(
            case
                when {{ is_open }}
                    then (iso_weekday - ({{ iso_weekday('last_day') }}) + 6) % 7
            end
        ) as closed_days
    from weekdays
    group by raw_table, source_name, part, last_day, missed_for, stale_after
    having
        sum(case when {{ is_open }} then 1 else 0 end) >= {{ busy.open_weekdays }}
        and sum(least(day_count, {{ weeks }} - day_count)) <= {{ busy.departures }}
        and sum(row_count) >= min(rows_a_day) * sum(day_count)
),

reached as (
    select
        raw_table,
        source_name,
        missed_for,
        stale_after,
        least(
            cast({{ dbt.dateadd('day', 'cast(closed_days as int)', 'last_day') }} as date),
            {{ as_of_date() }}
        ) as reached_on
    from weekly
),

slowest as (
    select
        raw_table,
        source_name,
        min(reached_on) as reached_on,
        min(stale_after) as stale_after
    from reached
    where {{ dbt.datediff('reached_on', as_of_date(), 'day') }} <= missed_for
    group by raw_table, source_name
),

{% for name in var('monthly_files') %}
    {%- set source, table = name.split('.') %}
    {%- set known = raw_tables()[table] %}
    month_{{ loop.index }} as (
        select
            '{{ table }}' as raw_table,
            source_name,
            {{ period_start('month', 'max(' ~ known.counted_on ~ ')') }} as month_start
        from {{ ref(known.model) }}
        where
            {{ known.signs[0] }} <= {{ as_of() }}
            and source_name = '{{ source }}'
            and source_name not in ({{ ended_sources() }})
        group by source_name
    ),

{% endfor %}
awaited as (
    select
        raw_table,
        source_name,
        reached_on,
        cast({{ dbt.dateadd('day', 'stale_after', 'reached_on') }} as date) as due_on
    from slowest
    {% for days in var('monthly_files').values() %}

        union all

        select
            raw_table,
            source_name,
            least(
                cast(month_start + interval '1' month - interval '1' day as date),
                {{ as_of_date() }}
            ) as reached_on,
            cast(
                month_start + interval '2' month + {{ day_interval(days - 1) }} as date
            ) as due_on
        from month_{{ loop.index }}
    {% endfor %}
)

select * from awaited
