{# An amount times its rate, rounded half away from zero to the published scale. The factors are
   widened first: the product of two narrow decimals stays narrow and would overflow. They hold what
   the contract's amounts and rates do; one digit more, and Spark would round the product. #}
{% macro in_reporting_currency(amount, rate) -%}
    cast(
        cast({{ amount }} as decimal(19, 4)) * cast({{ rate }} as decimal(18, 8)) as decimal(18, 4)
    )
{%- endmacro %}
