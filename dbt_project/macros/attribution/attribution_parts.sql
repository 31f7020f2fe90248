{# The parts of a var that cuts a conversion up, checked: `count` whole numbers, first one above 0. #}
{% macro attribution_parts(variable, count) -%}
    {%- set parts = var(variable) -%}
    {%- set ok = parts is sequence and parts is not string and parts | length == count -%}
    {%- if ok -%}
        {%- for part in parts if part is not integer or part < 0 -%}
            {%- set ok = false -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if not ok or parts[0] == 0 -%}
        {{ exceptions.raise_compiler_error(
            "var " ~ variable ~ " is " ~ parts ~ "; give it " ~ count
            ~ " whole numbers, none below 0 and the first above 0."
        ) }}
    {%- endif -%}
    {{ return(parts) }}
{%- endmacro %}
