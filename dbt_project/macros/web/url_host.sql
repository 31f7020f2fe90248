{# The host of a URL, lower case, without port, leading www. or blanks; null where there is none. #}
{% macro url_host(url) -%}
    nullif(
        trim(
            regexp_extract(
                lower({{ url }}), '^[a-z][a-z0-9+.-]*://(?:[^/?#@]*@)?(?:www[.])?([^/:?#]+)', 1
            )
        ),
        ''
    )
{%- endmacro %}
