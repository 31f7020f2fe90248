{# The host of a URL, lower case, without port, leading www. or blanks; null where there is none. #}
{% macro url_host(url) -%}
    {%- set host -%}
        regexp_extract(
            {{ lowered(url) }}, '^[a-z][a-z0-9+.-]*://(?:[^/?#@]*@)?(?:www[.])?([^/:?#]+)', 1
        )
    {%- endset -%}
    nullif({{ trimmed(host) }}, '')
{%- endmacro %}
