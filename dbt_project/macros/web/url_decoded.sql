{#
    A text without its percent encoding, also where it was encoded twice; '+' is a blank. A text that
    holds a blank, or an escape that is not UTF-8, was not encoded (50% off) and is left as it is.
#}
{% macro url_decoded(text) -%}
    {%- set next = '%[89ab][0-9a-f]' -%}
    {%- set escapes = [
        '0[1-9a-f]', '[1-7][0-9a-f]',
        '(c[2-9a-f]|d[0-9a-f])' ~ next,
        'e0%[ab][0-9a-f]' ~ next, 'ed%[89][0-9a-f]' ~ next, 'e[1-9a-cef]' ~ next ~ next,
        'f0%[9ab][0-9a-f]' ~ next ~ next, 'f4%8[0-9a-f]' ~ next ~ next,
        'f[1-3]' ~ next ~ next ~ next,
    ] -%}
    {%- set encoded = "'([^% ]|%(" ~ escapes | join('|') ~ "))*'" -%}
    {%- set once = "replace(" ~ text ~ ", '%25', '%')" -%}
    case
        when not contains({{ text }}, '%') and not contains({{ text }}, '+') then {{ text }}
        when {{ full_match(once, encoded) }} then url_decode(replace({{ once }}, '+', ' '))
        when {{ full_match(text, encoded) }} then url_decode(replace({{ text }}, '+', ' '))
        else {{ text }}
    end
{%- endmacro %}
