{# The path of a URL, lower case, without host, query, fragment or trailing slashes; '/' for none. #}
{% macro url_path(url) -%}
    coalesce(
        nullif(
            regexp_extract(
                {{ lowered(url) }},
                '^(?:[a-z][a-z0-9+.-]*://[^/?#]*)?([^?#]*?)/*(?:[?#]|{{ text_end() }})',
                1
            ),
            ''
        ),
        '/'
    )
{%- endmacro %}
