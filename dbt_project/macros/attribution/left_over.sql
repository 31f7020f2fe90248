{#
    The unit that a touch takes of what is left over when each touch has its share rounded down:
    one each to the first touches by their `place`, so that the shares add up to the amount and each
    is within one unit of the exact one. `left` has the amount's sign.
#}
{% macro left_over(left, place='position') -%}
    case when {{ place }} <= {{ left }} then 1 when {{ place }} <= -{{ left }} then -1 else 0 end
{%- endmacro %}
