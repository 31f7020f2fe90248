{# The refresh's clock, as a UTC instant and as the running business day. #}
{% macro as_of() -%}
    cast('{{ var("as_of") }}' as timestamp)
{%- endmacro %}

{% macro as_of_date() -%}
    {{ business_date(as_of()) }}
{%- endmacro %}
