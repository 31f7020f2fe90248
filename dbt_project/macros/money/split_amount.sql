{# The part of an exact amount that falls to the credit interval of a touch. #}
{% macro split_amount(amount) -%}
    {{ from_minor_units(
        allocated_share(minor_units(amount), 'credit_through', 'credit_whole')
        ~ ' - ' ~ allocated_share(minor_units(amount), 'credit_before', 'credit_whole')
    ) }}
{%- endmacro %}
