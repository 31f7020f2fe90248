{# The text of a campaign tag: decoded, without outer blanks; null where there is none. #}
{% macro tag_text(tag) -%}
    nullif({{ trimmed(url_decoded(trimmed(tag))) }}, '')
{%- endmacro %}

{# What a tag says, for comparison: in lower case; null where it holds a word for nothing. #}
{% macro tag_word(tag) -%}
    {%- set word = namespace(sql='lower(' ~ tag ~ ')') -%}
    {%- for nothing in ['(not set)', '(not provided)', 'null', 'undefined', 'nan', 'n/a'] -%}
        {%- set word.sql = "nullif(" ~ word.sql ~ ", '" ~ nothing ~ "')" -%}
    {%- endfor -%}
    {{ word.sql }}
{%- endmacro %}
