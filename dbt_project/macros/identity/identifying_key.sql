{#
    The integer key of a visitor, login or e-mail; null where ingestion found that the value
    identifies nobody (seeds/identity/non_identifiers.csv) and marked it.
#}
{% macro identifying_key(column) -%}
    {{ integer_key(["case when " ~ column ~ " not like 'nobody-%' then " ~ column ~ " end"]) }}
{%- endmacro %}
