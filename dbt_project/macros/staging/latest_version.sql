{#
    The latest version of each key of a raw table, all columns. `updated_at`, where the table has
    it, decides; then the later file by name, the later load, the later row of a file. A version
    that arrives late therefore never replaces a newer one. Nearly every key has one version: only
    rows of the others are put in order.
#}
{% macro latest_version(relation, key, updated_at=none) -%}
    with repeated as (
        select
            _source as of_source
            {%- for column in key %},
            {{ key_text(column) }} as key_{{ loop.index }}
            {%- endfor %}
        from {{ relation }}
        group by _source{% for column in key %}, {{ key_text(column) }}{% endfor %}
        having count(*) > 1
    )

    {% for version in ['only', 'latest'] -%}
        select versions.*
        from {{ relation }} as versions
        {{ 'left' if version == 'only' else 'inner' }} join repeated
            on
                versions._source = repeated.of_source
                {%- for column in key %}
                and {{ key_text('versions.' ~ column) }} = repeated.key_{{ loop.index }}
                {%- endfor %}
        {% if version == 'only' -%}
            where repeated.of_source is null

            union all

        {% else -%}
            qualify
                row_number() over (
                    partition by
                        versions._source
                        {%- for column in key %},
                        {{ key_text('versions.' ~ column) }}
                        {%- endfor %}
                    order by
                        {% if updated_at -%} {{ updated_at }} desc nulls last, {% endif -%}
                        {{ natural_order('_source_file') }} desc nulls last,
                        _batch_id desc nulls last,
                        _row_number desc nulls last
                ) = 1
        {%- endif %}
    {%- endfor %}
{%- endmacro %}
