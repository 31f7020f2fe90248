{#
  The first `part` of `whole` parts of an integer amount, rounded down, exactly.
  Differences of consecutive shares add up to the amount, so a split loses nothing.
#}
{% macro allocated_share(amount, part, whole) -%}
    {{ return(adapter.dispatch('allocated_share')(amount, part, whole)) }}
{%- endmacro %}

{# Wide integers cost a hundred times as much to divide: they are left to amounts that need them. The
   product stays below 2^63 in the first branch, whose part may be a debt or more than the whole. #}
{% macro default__allocated_share(amount, part, whole) -%}
    case
        when abs({{ amount }}) < 10000000000 and abs({{ part }}) < 900000000
            then cast({{ amount }} as bigint) * cast({{ part }} as bigint)
                // cast({{ whole }} as bigint)
        else cast((cast({{ amount }} as hugeint) * ({{ part }})) // ({{ whole }}) as bigint)
    end
{%- endmacro %}

{% macro spark__allocated_share(amount, part, whole) -%}
    cast((cast({{ amount }} as decimal(19, 0)) * cast({{ part }} as decimal(18, 0)))
        div cast({{ whole }} as decimal(18, 0)) as bigint)
{%- endmacro %}

{# An integer amount over a whole number, towards zero: no product, so nothing can overflow. #}
{% macro even_share(amount, whole) -%}
    {{ return(adapter.dispatch('even_share')(amount, whole)) }}
{%- endmacro %}

{% macro default__even_share(amount, whole) -%}
    (({{ amount }}) // ({{ whole }}))
{%- endmacro %}

{% macro spark__even_share(amount, whole) -%}
    (({{ amount }}) div ({{ whole }}))
{%- endmacro %}
