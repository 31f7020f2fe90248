{# An amount times its rate, rounded half away from zero to the published scale. #}
{% macro in_reporting_currency(amount, rate) -%}
    cast({{ amount }} * {{ rate }} as decimal(18, 4))
{%- endmacro %}
