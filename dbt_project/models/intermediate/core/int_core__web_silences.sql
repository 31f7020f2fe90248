-- Days on which nothing of the web was delivered, between others on which it was, though it brought
-- rows every day until then: nobody came, or the log was lost, and by the look of it the latter. A
-- silence as long as is usual is none. The one that lasts is told by what has gone stale.
{%- set rows_a_day = raw_tables()['web_events'].comes_daily.rows %}
{%- set usual_days = [stale_after_days('web_events'), stale_after_days('web_sessions')] | max %}
{%- set busy = busy_source() %}
{%- set busy_days = busy.window - busy.departures %}
with delivered as (
    {% for table in ['web_events', 'web_sessions'] %}
        {%- set known = raw_tables()[table] %}
        select
            {{ known.counted_on }} as date_day,
            count(*) as row_count
        from {{ ref(known.model) }}
        where {{ known.signs[0] }} <= {{ as_of() }}
        group by {{ known.counted_on }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

days as (
    select
        date_day,
        sum(row_count) as row_count
    from delivered
    group by date_day
),

followed as (
    select
        date_day,
        lead(date_day) over (order by date_day nulls last) as next_day,
        lag(date_day, {{ busy_days - 1 }}) over (order by date_day nulls last) as busy_from,
        sum(row_count) over (
            order by date_day nulls last
            rows between {{ busy_days - 1 }} preceding and current row
        ) as busy_rows
    from days
),

silences as (
    select
        cast(date_day + {{ day_interval(1) }} as date) as silent_from,
        next_day as silent_until
    from followed
    where
        {{ dbt.datediff('date_day', 'next_day', 'day') }} > {{ usual_days + 1 }}
        and {{ dbt.datediff('busy_from', 'date_day', 'day') }} < {{ busy.window }}
        and busy_rows >= {{ rows_a_day * busy_days }}
)

select * from silences
