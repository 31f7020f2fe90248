{# Quantity times price per unit, in the price's currency. #}
{% macro line_amount(quantity, unit_price) -%}
    cast(cast({{ quantity }} as decimal(19, 4)) * {{ unit_price }} as decimal(18, 4))
{%- endmacro %}
