{#
    A text without its percent encoding, also where it was encoded twice; '+' is a blank. A text that
    holds a blank, or an escape that is not UTF-8, was not encoded (50% off) and is left as it is;
    where a second decoding comes upon one (20%25Deal), the text was encoded once.
#}
{% macro url_decoded(text) -%}
    {%- set encoded = "'([^% ]|%(0[1-9a-f]|[1-9a-f][0-9a-f]))*'" -%}
    {%- set twice = "replace(" ~ text ~ ", '%25', '%')" -%}
    case
        when not contains({{ text }}, '%') and not contains({{ text }}, '+') then {{ text }}
        else coalesce(
            {%- for candidate in (twice, text) %}
                case
                    when {{ full_match(candidate, encoded) }}
                        then {{ percent_decoded("replace(" ~ candidate ~ ", '+', ' ')") }}
                end,
            {%- endfor %}
                {{ text }}
        )
    end
{%- endmacro %}

{# A percent-encoded text decoded; null where it is not UTF-8. #}
{% macro percent_decoded(text) -%}
    {{ return(adapter.dispatch('percent_decoded')(text)) }}
{%- endmacro %}

{% macro default__percent_decoded(text) -%}
    try(url_decode({{ text }}))
{%- endmacro %}

{# Java puts a mark in place of what is not UTF-8. One that the text has itself is set aside first, as a
   character that no text may hold. #}
{% macro spark__percent_decoded(text) -%}
    {%- set decoded -%}
        try_url_decode(regexp_replace({{ text }}, '(?i)%ef%bf%bd|\ufffd', '\ufdd0'))
    {%- endset -%}
    case
        when not contains({{ decoded }}, '\ufffd') then translate({{ decoded }}, '\ufdd0', '\ufffd')
    end
{%- endmacro %}
