{#
    The 60-bit integer that stands for a business key: equal for equal values in any table, so
    that joins compare integers instead of strings. Null where the last column is null or empty,
    which makes a missing reference a null key.

    Each part but the last is preceded by its length: ('a|b', 'c') and ('a', 'b|c') differ.
    Two values that share a key are caught by the `unique` test on every primary key.
#}
{% macro integer_key(columns) -%}
    {%- set parts = [] -%}
    {%- for column in columns[:-1] -%}
        {%- set part = key_text(column) -%}
        {%- do parts.append("length(" ~ part ~ ") || '|' || " ~ part ~ " || '|'") -%}
    {%- endfor -%}
    {%- do parts.append("nullif(" ~ key_text(columns[-1]) ~ ", '')") -%}
    {{ hash_to_bigint(parts | join(" || ")) }}
{%- endmacro %}

{# A column as it counts in a key: as text, without outer blanks, a missing value as ''. #}
{% macro key_text(column) -%}
    coalesce({{ trimmed('cast(' ~ column ~ ' as ' ~ dbt.type_string() ~ ')') }}, '')
{%- endmacro %}

{# The first 60 bits of a text's MD5 as a bigint. #}
{% macro hash_to_bigint(text) -%}
    {{ return(adapter.dispatch("hash_to_bigint")(text)) }}
{%- endmacro %}

{% macro default__hash_to_bigint(text) -%}
    {{ exceptions.raise_compiler_error(
        "hash_to_bigint is not written for " ~ target.type ~ "; add "
        ~ target.type ~ "__hash_to_bigint to macros/engine/integer_key.sql."
    ) }}
{%- endmacro %}

{# The digest as a number, without a detour through text, costs less than half. DuckDB reads it with its
   last byte first: the bytes of its lower half are put in order by swapping ever wider neighbours. #}
{% macro duckdb__hash_to_bigint(text) -%}
    {%- set word = namespace(
        value='cast(md5_number(' ~ text ~ ') & 18446744073709551615::uhugeint as ubigint)'
    ) -%}
    {%- for bits, low in [(8, '71777214294589695'), (16, '281470681808895'), (32, '4294967295')] -%}
        {%- set word.value =
            '(((' ~ word.value ~ ' & ' ~ low ~ '::ubigint) << ' ~ bits ~ ') | (('
            ~ word.value ~ ' >> ' ~ bits ~ ') & ' ~ low ~ '::ubigint))'
        -%}
    {%- endfor -%}
    cast({{ word.value }} >> 4 as bigint)
{%- endmacro %}

{% macro spark__hash_to_bigint(text) -%}
    cast(conv(substr(md5({{ text }}), 1, 15), 16, 10) as bigint)
{%- endmacro %}
