{# A value as a share of its target, 1 or more where it is met, whatever the direction. #}
{% macro attainment(direction, value, target) -%}
    case
        when {{ direction }} = 'down' then {{ ratio(target, value) }}
        when {{ direction }} = 'range'
            then least({{ ratio(value, target) }}, {{ ratio(target, value) }})
        else {{ ratio(value, target) }}
    end
{%- endmacro %}
