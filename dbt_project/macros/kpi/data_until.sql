{#
    The day from which on nothing is known of a raw table, by its row of int_core__raw_tables: that
    after the last row of one that has gone stale, or that its sources fill every day; else today.
#}
{% macro data_until(raw_tables) -%}
    cast(
        case
            when {{ raw_tables }}.freshness = 'stale' or {{ raw_tables }}.reached_on is not null
                then
                    coalesce(
                        {{ raw_tables }}.reached_on,
                        {{ business_date(raw_tables ~ '.last_row_at') }}
                    ) + {{ day_interval(1) }}
            else {{ as_of_date() }}
        end as date
    )
{%- endmacro %}
