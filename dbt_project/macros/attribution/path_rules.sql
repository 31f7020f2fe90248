{# A number for how paths are made, apart from touches and conversions: paths of other rules are old. #}
{% macro path_rules() -%}
    {%- set code = [var('attribution_counts_direct') | string] -%}
    {%- if execute and graph is defined -%}
        {%- for node in graph.nodes.values() if node.name == 'int_attribution__path_touches' -%}
            {%- do code.append(node.raw_code) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(number_of(code | join('|'))) }}
{%- endmacro %}

{# The first 60 bits of a text's MD5 as a literal. #}
{% macro number_of(text) -%}
    {{ return(local_md5(text)[:15] | int(base=16)) }}
{%- endmacro %}
