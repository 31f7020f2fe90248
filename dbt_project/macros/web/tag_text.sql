{# The text of a campaign tag: decoded, without outer blanks; null where there is none. #}
{% macro tag_text(tag) -%}
    nullif({{ trimmed(url_decoded(trimmed(tag))) }}, '')
{%- endmacro %}

{# What a tag says, for comparison: in lower case; null where it holds a word for nothing. #}
{% macro tag_word(tag) -%}
    case
        when
            lower({{ tag }})
            not in ('(not set)', '(not provided)', 'null', 'undefined', 'nan', 'n/a')
            then lower({{ tag }})
    end
{%- endmacro %}
