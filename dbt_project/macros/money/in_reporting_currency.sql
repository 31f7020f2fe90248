{# An amount times its rate, rounded half away from zero to the published scale. The factors are
   widened first: the product of two narrow decimals stays narrow and would overflow. #}
{% macro in_reporting_currency(amount, rate) -%}
    cast(
        cast({{ amount }} as decimal(24, 4)) * cast({{ rate }} as decimal(13, 8)) as decimal(18, 4)
    )
{%- endmacro %}
