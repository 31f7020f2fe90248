{# The amount and the sample of the component that a row is beside: the first two of its parts. #}
{% macro component_values(components) -%}
    case component
        {%- for name, part in components.items() %}
            when '{{ name }}' then cast({{ part[0] }} as decimal(28, 4))
        {%- endfor %}
    end as amount,
    case component
        {%- for name, part in components.items() %}
            when '{{ name }}' then cast({{ part[1] }} as bigint)
        {%- endfor %}
    end as sample
{%- endmacro %}
