{#
    A file's name as text that sorts as a person counts, `week_9` before `week_10`: each number gets
    twenty digits, as many as an instant to the microsecond has. What comes before the ending decides
    first, so that `export.csv` sorts before `export (1).csv`, as browsers name the next one: a tab,
    which sorts before every sign that names have, takes the place of the ending's dot.
#}
{% macro natural_order(text) -%}
    {{ return(adapter.dispatch('natural_order')(text)) }}
{%- endmacro %}

{% macro default__natural_order(text) -%}
    regexp_replace(
        regexp_replace(
            regexp_replace(
                {{ text }}, '[.]([A-Za-z]+([.]([Gg][Zz]|[Zz][Ss][Tt]))?)$', {{ "'\t\\1'" }}
            ),
            '([0-9]+)', '00000000000000000000\1', 'g'
        ),
        '0*([0-9]{20})([^0-9]|$)', '\1\2', 'g'
    )
{%- endmacro %}

{% macro spark__natural_order(text) -%}
    regexp_replace(
        regexp_replace(
            regexp_replace(
                {{ text }}, '[.]([A-Za-z]+([.]([Gg][Zz]|[Zz][Ss][Tt]))?)$', {{ "'\t$1'" }}
            ),
            '([0-9]+)', '00000000000000000000$1'
        ),
        '0*([0-9]{20})([^0-9]|$)', '$1$2'
    )
{%- endmacro %}
