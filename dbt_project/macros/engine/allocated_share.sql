{#
  The first `part` of `whole` parts of an integer amount, rounded down, exactly.
  Differences of consecutive shares add up to the amount, so a split loses nothing.
#}
{% macro allocated_share(amount, part, whole) -%}
    {{ return(adapter.dispatch('allocated_share')(amount, part, whole)) }}
{%- endmacro %}

{% macro default__allocated_share(amount, part, whole) -%}
    cast((cast({{ amount }} as hugeint) * ({{ part }})) // ({{ whole }}) as bigint)
{%- endmacro %}

{% macro spark__allocated_share(amount, part, whole) -%}
    cast((cast({{ amount }} as decimal(27, 0)) * cast({{ part }} as decimal(10, 0)))
        div cast({{ whole }} as decimal(10, 0)) as bigint)
{%- endmacro %}
