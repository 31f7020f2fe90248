{#
    Components by day in long form, from sums by dimension: `components` has [amount, sample] by name.
    A component is only where it has cases.
#}
{% macro daily_components(relation, components, raw_table, maturity_days=0) -%}
    {% for name, (amount, sample) in components.items() -%}
        select
            '{{ name }}' as component,
            {{ raw_table }} as raw_table,
            cast({{ maturity_days }} as bigint) as maturity_days,
            activity_date,
            dimension,
            segment,
            cast({{ amount }} as decimal(28, 4)) as amount,
            cast({{ sample }} as bigint) as sample
        from {{ relation }}
        where {{ sample }} > 0
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
{%- endmacro %}
