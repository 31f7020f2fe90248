{# What a campaign tag says: decoded, in lower case; null where it holds a word for nothing. #}
{% macro tag_value(tag) -%}
    {%- set value = namespace(sql='lower(' ~ trimmed(url_decoded(tag)) ~ ')') -%}
    {%- for word in ['', '(not set)', '(not provided)', 'null', 'undefined', 'nan', 'n/a'] -%}
        {%- set value.sql = "nullif(" ~ value.sql ~ ", '" ~ word ~ "')" -%}
    {%- endfor -%}
    {{ value.sql }}
{%- endmacro %}
