{#
    Components by period in long form: `components` has [amount, sample] by name. An amount that is not
    known is no row.
#}
{% macro period_components(relation, components, raw_table) -%}
    {% for name, (amount, sample) in components.items() -%}
        select
            '{{ name }}' as component,
            {{ raw_table }} as raw_table,
            period_grain,
            period_start,
            dimension,
            segment,
            cast({{ amount }} as decimal(28, 4)) as amount,
            cast({{ sample }} as bigint) as sample
        from {{ relation }}
        where {{ amount }} is not null
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
{%- endmacro %}
