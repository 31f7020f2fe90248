{#
    One end of the interval of a rate (Wilson's score interval, 1927): `side` is '-' for the lower
    end and '+' for the upper, `z` the standard normal deviate of the confidence, 95 % unless told;
    null where nothing was counted.
#}
{% macro wilson_limit(successes, trials, side, z=1.959963984540054) -%}
    {%- set n = "nullif(cast(" ~ trials ~ " as double), 0)" -%}
    {%- set k = "cast(" ~ successes ~ " as double)" -%}
    {%- set z2 = "(cast(" ~ z ~ " as double) * cast(" ~ z ~ " as double))" -%}
    ({{ k }} + {{ z2 }} / 2 {{ side }} sqrt(
        {{ z2 }} * ({{ k }} * ({{ n }} - {{ k }}) / {{ n }} + {{ z2 }} / 4)
    )) / ({{ n }} + {{ z2 }})
{%- endmacro %}
