{#
    How a model that can be brought up to date by its changes alone is built: by them where an
    engine deletes single rows, else as `otherwise` says, whole. The rows are the same.
#}
{% macro changes_only(otherwise) -%}
    {{ return(adapter.dispatch('changes_only')(otherwise)) }}
{%- endmacro %}

{% macro default__changes_only(otherwise) -%}
    {{ return(otherwise) }}
{%- endmacro %}

{% macro duckdb__changes_only(otherwise) -%}
    {{ return('incremental') }}
{%- endmacro %}

{#
    The strategy `replace`: every row whose unique key is found among the new rows gives way to
    them. A new row without a change_number only says which rows go.
#}
{% macro get_incremental_replace_sql(arguments) -%}
    {%- set target = arguments['target_relation'] -%}
    {%- set source = arguments['temp_relation'] -%}
    {%- set columns = arguments['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    delete from {{ target }} as old
    using (
        select distinct {{ arguments['unique_key'] | join(', ') }} from {{ source }}
    ) as new
    where
        {% for column in arguments['unique_key'] -%}
            old.{{ column }} = new.{{ column }}
            {% if not loop.last %}and {% endif %}
        {%- endfor %};

    insert into {{ target }} ({{ columns }})
    select {{ columns }} from {{ source }} where change_number is not null
{%- endmacro %}

{# One more than the highest `change_number` of the rows that this model holds already. #}
{% macro next_change_number() -%}
    {{ return(adapter.dispatch('next_change_number')()) }}
{%- endmacro %}

{% macro default__next_change_number() -%}
    {%- set before = load_relation(this) if execute -%}
    {%- if before and before.is_table -%}
        (select coalesce(max(change_number), 0) + 1 from {{ this }})
    {%- else -%}
        1
    {%- endif -%}
{%- endmacro %}
