{# A double as a decimal of four digits. Engines disagree in its sixteenth digit: it is cut to eight
   decimals before it is rounded to four, so that what lies half-way rounds alike. #}
{% macro four_decimals(number) -%}
    cast(cast({{ number }} as decimal(28, 8)) as decimal(28, 4))
{%- endmacro %}
