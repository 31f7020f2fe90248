{#
    Inserts a seed's rows. dbt-spark's own macro writes a missing value as the text 'None' and ends
    a text at its first apostrophe; here each value is a literal, and null is null.
#}
{% macro spark__load_csv_rows(model, agate_table) -%}
    {%- set types = model.config.column_types -%}
    {%- set statements = [] -%}
    {%- for chunk in agate_table.rows | batch(get_batch_size()) -%}
        {%- set rows = [] -%}
        {%- for row in chunk -%}
            {%- set cells = [] -%}
            {%- for name in agate_table.column_names -%}
                {%- set type = types.get(name) or adapter.convert_type(agate_table, loop.index0) -%}
                {%- do cells.append("cast(" ~ text_literal(row[name]) ~ " as " ~ type ~ ")") -%}
            {%- endfor -%}
            {%- do rows.append("(" ~ cells | join(", ") ~ ")") -%}
        {%- endfor -%}
        {%- set statement = "insert into " ~ this.render() ~ " values " ~ rows | join(", ") -%}
        {%- do adapter.add_query(statement, abridge_sql_log=True) -%}
        {%- do statements.append(statement) -%}
    {%- endfor -%}
    {{ return(statements | first | default("")) }}
{%- endmacro %}

{# A value as a literal of Spark's text; backslashes and apostrophes stand for themselves. #}
{% macro text_literal(value) -%}
    {%- if value is none -%}
        null
    {%- else -%}
        '{{ value | string | replace("\\", "\\\\") | replace("'", "\\'") }}'
    {%- endif -%}
{%- endmacro %}
