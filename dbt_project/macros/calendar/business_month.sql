{# The first day of the business month of a UTC instant. No timezone moves an instant of the 2nd to
   the 27th into another month, and turning an instant into local time costs more than all else. #}
{% macro business_month(instant) -%}
    case
        when extract(day from {{ instant }}) between 2 and 27
            then cast({{ dbt.date_trunc('month', instant) }} as date)
        else cast({{ dbt.date_trunc('month', business_date(instant)) }} as date)
    end
{%- endmacro %}
