{# The host of a URL, lower case, without port and leading www.; null where there is none. #}
{% macro url_host(url) -%}
    nullif(regexp_extract(lower({{ url }}), '^[a-z][a-z0-9+.-]*://(?:[^/?#@]*@)?(?:www[.])?([^/:?#]+)', 1), '')
{%- endmacro %}
