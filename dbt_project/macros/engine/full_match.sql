{# Whether a whole value matches a case-insensitive regular expression held in a column. #}
{% macro full_match(value, pattern) -%}
    {{ return(adapter.dispatch('full_match')(value, pattern)) }}
{%- endmacro %}

{% macro default__full_match(value, pattern) -%}
    regexp_full_match({{ value }}, {{ pattern }}, 'i')
{%- endmacro %}

{#
    The flags make Java's expressions fold the case of all letters and end lines at \n alone. They take
    İ and ı for an i as well, and ẞ for no ß: the first two are put as two letters without case, which
    nobody has written for three thousand years (Linear B), the third as ß.
#}
{% macro spark__full_match(value, pattern) -%}
    {%- set letters = "'İıẞ', '\\U00010000\\U00010001ß'" -%}
    translate({{ value }}, {{ letters }})
        rlike translate('(?iud)^(?:' || {{ pattern }} || ')\\z', {{ letters }})
{%- endmacro %}
