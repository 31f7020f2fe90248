{#
    Components by day in long form, from sums by dimension: `components` has [amount, sample, cases] by
    name. A component is only where it has cases; they are its sample, unless said otherwise.
#}
{% macro daily_components(relation, components, raw_table, maturity_days=0) -%}
    {% for name, part in components.items() -%}
        select
            '{{ name }}' as component,
            {{ raw_table }} as raw_table,
            cast({{ maturity_days }} as bigint) as maturity_days,
            activity_date,
            dimension,
            segment,
            cast({{ part[0] }} as decimal(28, 4)) as amount,
            cast({{ part[1] }} as bigint) as sample
        from {{ relation }}
        where {{ part[2] or part[1] }} > 0
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
{%- endmacro %}
