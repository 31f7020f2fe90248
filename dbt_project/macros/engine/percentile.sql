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

{# Between two equal values DuckDB may come out a last digit below them, and so below the lower
   quantile: of a pair the higher one is at least that. #}
{% macro duckdb__percentile(column, share, beside) -%}
    {%- set shares = [share, beside] | sort -%}
    {%- set both = 'quantile_cont(' ~ column ~ ', [' ~ shares | join(', ') ~ '])' -%}
    {%- if share == shares[0] -%}
        list_extract({{ both }}, 1)
    {%- else -%}
        list_max({{ both }})
    {%- endif -%}
{%- endmacro %}

{#
    The same quantile in an aggregate over rows that each hold one value and how often it occurs, where
    `through` is how many values of the group are that one or less, and `total` how many there are: what
    is kept is no longer the values. A null value has a null `through`. Between two values it is
    interpolated linearly by rank, counted in decimals (type 7 of R. J. Hyndman and Y. Fan, Sample
    Quantiles in Statistical Packages, 1996).
#}
{% macro percentile_of_counts(column, share, through, total) -%}
    {%- set rank = share ~ ' * (' ~ total ~ ' - 1)' -%}
    {%- set rank_of_group = share ~ ' * (max(' ~ total ~ ') - 1)' -%}
    {%- set below = 'min(case when ' ~ through ~ ' > floor(' ~ rank ~ ') then ' ~ column ~ ' end)' -%}
    {%- set above = 'min(case when ' ~ through ~ ' > ceil(' ~ rank ~ ') then ' ~ column ~ ' end)' -%}
    {{ below }}
    + ({{ above }} - {{ below }}) * ({{ rank_of_group }} - floor({{ rank_of_group }}))
{%- endmacro %}
