{# Published money as whole units of its last decimal place, and back: splits run on integers. The
   product of a narrow decimal stays narrow and would overflow; wide ones cost ten times as much. #}
{% macro minor_units(amount) -%}
    case
        when abs({{ amount }}) < 1000000000 then cast(({{ amount }}) * 10000 as bigint)
        else cast(cast({{ amount }} as decimal(28, 4)) * 10000 as bigint)
    end
{%- endmacro %}

{% macro from_minor_units(units) -%}
    cast(cast({{ units }} as decimal(18, 0)) * cast(0.0001 as decimal(5, 4)) as decimal(18, 4))
{%- endmacro %}

{# Billionths of a conversion as its share: credit has nine decimals and is split on integers too. #}
{% macro credit_fraction(billionths, precision=12) -%}
    cast(
        cast({{ billionths }} as decimal({{ precision - 2 }}, 0))
        * cast(0.000000001 as decimal(9, 9)) as decimal({{ precision }}, 9)
    )
{%- endmacro %}
