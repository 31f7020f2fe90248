{#
    The unit that a touch takes of what is left over when each touch has its share rounded down:
    one each to the first touches by their `place`, so that the shares add up to the amount.
#}
{% macro left_over(left, place) -%}
    cast({{ place }} <= {{ left }} as bigint)
{%- endmacro %}
