{#
    Creates schemas at their locations and external tables over folders of Parquet files.
    `schemas`: location by schema; `tables`: folder by full name. Run before a build, with
    `dbt run-operation`; nothing to do on an engine that holds the raw tables itself.
#}
{% macro register_tables(schemas, tables) -%}
    {{ return(adapter.dispatch('register_tables')(schemas, tables)) }}
{%- endmacro %}

{% macro default__register_tables(schemas, tables) -%}
{%- endmacro %}

{% macro spark__register_tables(schemas, tables) -%}
    {% for schema, location in schemas.items() -%}
        {% do run_query("create schema if not exists " ~ schema ~ " location '" ~ location ~ "'") %}
    {%- endfor %}
    {% for table, folder in tables.items() -%}
        {% do run_query("drop table if exists " ~ table) %}
        {% do run_query("create table " ~ table ~ " using parquet location '" ~ folder ~ "'") %}
    {%- endfor %}
{%- endmacro %}
