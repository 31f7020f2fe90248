{# One number per another, as a double; null where there is nothing to divide by. #}
{% macro ratio(numerator, denominator) -%}
    cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0)
{%- endmacro %}

{# The same where the divisor may be negative: nothing, divided by it, is 0 and not the double -0. #}
{% macro signed_ratio(numerator, denominator) -%}
    {{ ratio(numerator, denominator) }} + 0
{%- endmacro %}
