{#
    The latest version of each key of a raw table, all columns. `updated_at`, where the table has
    it, decides; then the later file by name, the later load, the later row of a file. A version
    that arrives late therefore never replaces a newer one. Most keys have one version: only rows
    of the others are put in order.
#}
{% macro latest_version(relation, key, updated_at=none) -%}
    {%- set parts = ['versions._source'] -%}
    {%- for column in key -%}
        {%- do parts.append(key_text('versions.' ~ column)) -%}
    {%- endfor -%}
    {%- set same_key -%}
        {%- for part in parts -%}
            {{ part }} = repeated.key_{{ loop.index }}
            {% if not loop.last %}and {% endif %}
        {%- endfor -%}
    {%- endset -%}
    with repeated as (
        select
            {% for part in parts -%}
                {{ part }} as key_{{ loop.index }}
                {%- if not loop.last %},{% endif %}
            {% endfor %}
        from {{ relation }} as versions
        group by {{ parts | join(', ') }}
        having count(*) > 1
    )

    select versions.*
    from {{ relation }} as versions
    left join repeated on {{ same_key }}
    where repeated.key_1 is null

    union all

    select versions.*
    from {{ relation }} as versions
    inner join repeated on {{ same_key }}
    qualify
        row_number() over (
            partition by {{ parts | join(', ') }}
            order by
                {% if updated_at -%} versions.{{ updated_at }} desc nulls last, {% endif -%}
                {{ natural_order('versions._source_file') }} desc nulls last,
                versions._batch_id desc nulls last,
                versions._row_number desc nulls last
        ) = 1
{%- endmacro %}
