{# The channel of what no touch earned; null is no denied consent. #}
{% macro pathless_channel(is_consent_denied) -%}
    case when {{ is_consent_denied }} then '(no consent)' else '(unattributed)' end
{%- endmacro %}
