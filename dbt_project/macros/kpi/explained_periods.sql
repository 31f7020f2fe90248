{# The complete periods whose changes are explained, each with the period before it and the same one of
   last year: all months, quarters and years, and the latest weeks and days. #}
{% macro explained_periods() -%}
    {% for compared_with in ['previous_period', 'last_year'] %}
        select
            period_grain,
            period_start,
            period_end,
            silent_days,
            '{{ compared_with }}' as compared_with,
            {{ 'previous_period_start' if compared_with == 'previous_period'
                else 'last_year_period_start' }} as base_period_start
        from {{ ref('int_core__periods') }}
        where
            is_complete
            and case period_grain
                when 'day'
                    then
                        {{ dbt.datediff('period_end', as_of_date(), 'day') }}
                        < {{ var('explained_days') }}
                when 'week'
                    then
                        {{ dbt.datediff('period_end', as_of_date(), 'day') }}
                        < 7 * {{ var('explained_weeks') }}
                else true
            end
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
{%- endmacro %}
