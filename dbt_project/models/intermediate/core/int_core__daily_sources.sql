-- How far the sources of a raw table have reached together, where some of them bring rows every
-- day: a second shop that went silent is no change of the business. What has been silent for long
-- is taken as ended. Ads and deals stop by themselves: they are no such tables.
{%- set tables = [] %}
{%- for table, known in raw_tables().items() if known.comes_daily %}
    {%- do tables.append((table, known)) %}
{%- endfor %}
{%- set window_days = 28 %}
with recent_days as (
    {% for table, known in tables %}
        select
            '{{ table }}' as raw_table,
            source_name,
            {{ known.counted_on }} as date_day,
            count(*) as row_count
        from {{ ref(known.model) }}
        where
            {{ known.signs[0] }} <= {{ as_of() }}
            and {{ known.signs[0] }}
            >= {{ as_of() }} - {{ day_interval(var('silent_source_days') + window_days + 1) }}
        group by source_name, {{ known.counted_on }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

dated as (
    select
        *,
        max(date_day) over (partition by raw_table, source_name) as last_day
    from recent_days
),

-- With eight rows a day, days without any are rare.
daily as (
    select
        raw_table,
        source_name,
        max(last_day) as last_day
    from dated
    where
        {{ dbt.datediff('date_day', 'last_day', 'day') }} < {{ window_days }}
        and {{ dbt.datediff('last_day', as_of_date(), 'day') }} <= {{ var('silent_source_days') }}
    group by raw_table, source_name
    having count(*) >= {{ window_days - 2 }} and sum(row_count) >= 8 * count(*)
),

slowest as (
    select
        raw_table,
        source_name,
        last_day as reached_on
    from daily
    qualify
        row_number() over (
            partition by raw_table order by last_day nulls last, source_name nulls last
        ) = 1
)

select * from slowest
