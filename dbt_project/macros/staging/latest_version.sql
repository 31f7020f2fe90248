{#
    The latest version of each key of a raw table, all columns. `updated_at`, where the table has
    it, decides; then the later file by name, the later load, the later row of a file. A version
    that arrives late therefore never replaces a newer one.
#}
{% macro latest_version(relation, key, updated_at=none) -%}
    select *
    from {{ relation }}
    qualify
        row_number() over (
            partition by _source{% for column in key %}, {{ key_text(column) }}{% endfor %}
            order by
                {% if updated_at -%} {{ updated_at }} desc nulls last, {% endif -%}
                {{ natural_order('_source_file') }} desc nulls last,
                _batch_id desc nulls last,
                _row_number desc nulls last
        ) = 1
{%- endmacro %}
