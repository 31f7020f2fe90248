{#
    A quantile of a column, the share below it given, of which a second quantile (`beside`) is asked for
    in the same select: values are kept, and put in order, once for both.
#}
{% macro percentile(column, share, beside) -%}
    {{ return(adapter.dispatch('percentile')(column, share, beside)) }}
{%- endmacro %}

{% macro default__percentile(column, share, beside) -%}
    percentile_cont({{ share }}) within group (order by {{ column }})
{%- endmacro %}

{% macro duckdb__percentile(column, share, beside) -%}
    {%- set shares = [share, beside] | sort -%}
    list_extract(
        quantile_cont({{ column }}, [{{ shares | join(', ') }}]), {{ shares.index(share) + 1 }}
    )
{%- endmacro %}
