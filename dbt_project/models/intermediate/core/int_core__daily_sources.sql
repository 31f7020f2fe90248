-- How far the sources of a raw table have reached together, where some of them bring rows every
-- day: a second shop that went silent is no change of the business. What has been silent for long
-- is taken as ended, and so is, from the first day, what `ended_sources` names. Ads end by
-- themselves, so that a platform is waited for a few days only. Deals come when they come: they
-- are no such table.
{%- set tables = [] %}
{%- for table, known in raw_tables().items() if known.comes_daily %}
    {%- do tables.append((table, known, known.comes_daily)) %}
{%- endfor %}
{%- set busy = busy_source() %}
with recent_days as (
    {% for table, known, daily in tables %}
        select
            '{{ table }}' as raw_table,
            source_name,
            {{ daily.get('of', "''") }} as part,
            {{ known.counted_on }} as date_day,
            {{ daily.rows }} as rows_a_day,
            {{ daily.missed_for }} as missed_for,
            count(*) as row_count
        from {{ ref(known.model) }}
        where
            {{ known.signs[0] }} <= {{ as_of() }}
            and {{ known.signs[0] }}
            >= {{ as_of() }} - {{ day_interval(daily.missed_for + busy.window + 1) }}
            and source_name not in ({{ ended_sources() }})
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

-- With eight rows a day that come by chance, days without any are rare.
daily as (
    select
        raw_table,
        source_name,
        part,
        max(last_day) as last_day
    from dated
    where
        {{ dbt.datediff('date_day', 'last_day', 'day') }} < {{ busy.window }}
        and {{ dbt.datediff('last_day', as_of_date(), 'day') }} <= missed_for
    group by raw_table, source_name, part
    having count(*) >= {{ busy.days }} and sum(row_count) >= min(rows_a_day) * count(*)
),

slowest as (
    select
        raw_table,
        source_name,
        last_day as reached_on
    from daily
    qualify
        row_number() over (
            partition by raw_table
            order by last_day nulls last, source_name nulls last, part nulls last
        ) = 1
)

select * from slowest
