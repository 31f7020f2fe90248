{# A value as a share of its target, 1 or more where it is met, whatever the direction. Nothing is a
   share of a target below zero: there it is 1 and the distance on the good side, in targets. Null of
   a target of nothing, and of a cost of nothing or less. #}
{% macro attainment(direction, value, target) -%}
    {%- set distance = ratio(value ~ ' - ' ~ target, '-' ~ target) -%}
    case
        when {{ target }} < 0 and {{ direction }} = 'up' then 1 + {{ distance }}
        when {{ target }} < 0 and {{ direction }} = 'down' then 1 - {{ distance }}
        when {{ target }} < 0 then 1 - abs({{ distance }})
        when {{ direction }} = 'down' and {{ value }} > 0 then {{ ratio(target, value) }}
        when {{ direction }} = 'down' then null
        when {{ direction }} = 'range'
            then least({{ ratio(value, target) }}, {{ signed_ratio(target, value) }})
        else {{ ratio(value, target) }}
    end
{%- endmacro %}
