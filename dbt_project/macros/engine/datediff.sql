{#
    How many limits of days, months, quarters or years lie between two dates. dbt-spark's own
    dbt.datediff() counts two months from the last of January to the last of February; here both
    engines count the same. Finer than days: seconds_between(). Weeks: by days, or by week starts.
#}
{% macro spark__datediff(first_date, second_date, datepart) -%}
    {%- set months = [] -%}
    {%- for date in (first_date, second_date) -%}
        {%- do months.append("(year(" ~ date ~ ") * 12 + month(" ~ date ~ ") - 1)") -%}
    {%- endfor -%}
    {%- if datepart == 'day' -%}
        datediff({{ second_date }}, {{ first_date }})
    {%- elif datepart == 'month' -%}
        ({{ months[1] }} - {{ months[0] }})
    {%- elif datepart == 'quarter' -%}
        (floor({{ months[1] }} / 3) - floor({{ months[0] }} / 3))
    {%- elif datepart == 'year' -%}
        (year({{ second_date }}) - year({{ first_date }}))
    {%- else -%}
        {{ exceptions.raise_compiler_error(
            "datediff() by " ~ datepart ~ " is not written for " ~ target.type
            ~ "; use seconds_between(), count days, or add it to macros/engine/datediff.sql."
        ) }}
    {%- endif -%}
{%- endmacro %}
