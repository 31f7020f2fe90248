{# One row: the day, today at the latest, from which on one of these raw tables is not known. #}
{% macro known_until(tables) -%}
    select
        least(coalesce(min({{ data_until('raw_tables') }}), {{ as_of_date() }}), {{ as_of_date() }})
            as known_until
    from {{ ref('int_core__raw_tables') }} as raw_tables
    where raw_tables.raw_table in ('{{ tables | join("', '") }}')
{%- endmacro %}

{# The same of orders, by which time runs for whoever does not order. Where `stale_after_days_of` lets them
   be silent for long, as those of a file a month are, their table is fresh meanwhile; but a silence of all
   customers that is longer than any before is none of theirs, and what is known ends with the last order. #}
{% macro orders_known_until(purchases) -%}
    {%- if 'shop_orders' not in var('stale_after_days_of') -%}
        {{ return(known_until(['shop_orders'])) }}
    {%- endif %}
    select
        case
            when {{ dbt.datediff('latest.last_day', as_of_date(), 'day') }} > gaps.longest_gap
                then
                    least(
                        known.known_until, cast(latest.last_day + {{ day_interval(1) }} as date)
                    )
            else known.known_until
        end as known_until
    from ({{ known_until(['shop_orders']) }}) as known
    cross join (
        select {{ business_date('max(raw_tables.last_row_at)') }} as last_day
        from {{ ref('int_core__raw_tables') }} as raw_tables
        where raw_tables.raw_table = 'shop_orders'
    ) as latest
    cross join (
        select max({{ dbt.datediff('previous_day', 'order_date', 'day') }}) as longest_gap
        from (
            select
                order_date,
                lag(order_date) over (order by order_date nulls last) as previous_day
            from (select distinct order_date from {{ purchases }}) as order_days
        ) as days
    ) as gaps
{%- endmacro %}
