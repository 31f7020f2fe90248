{# The first day of the business month of a UTC instant. Local time lies between 12 hours behind UTC
   and 14 before it: only around the turn of a month can it be in another one, and turning an instant
   into local time costs more than all else. #}
{% macro business_month(instant) -%}
    case
        when
            (extract(day from {{ instant }}) = 1 and extract(hour from {{ instant }}) < 12)
            or (
                extract(day from cast({{ instant }} as date) + 1) = 1
                and extract(hour from {{ instant }}) >= 10
            )
            then cast({{ dbt.date_trunc('month', business_date(instant)) }} as date)
        else
            cast({{ instant }} as date) - cast(extract(day from {{ instant }}) - 1 as integer)
    end
{%- endmacro %}
