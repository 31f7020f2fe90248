{#
    What a campaign tag says: decoded, also where it was encoded twice, without outer blanks; null
    where it holds a word for nothing.
#}
{% macro tag_value(tag) -%}
    {%- set text = trimmed(url_decoded(url_decoded(tag))) -%}
    case
        when lower({{ text }}) not in (
            '', '(not set)', '(not provided)', 'null', 'undefined', 'nan', 'n/a'
        ) then {{ text }}
    end
{%- endmacro %}
