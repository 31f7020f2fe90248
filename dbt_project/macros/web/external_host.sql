{# A referrer's host, null where it is the visited one or one of `own_hosts`: no new visit. #}
{% macro external_host(referrer_host, page_host) -%}
    case
        when {{ referrer_host }} = {{ page_host }} then null
        {%- for host in var('own_hosts') %}
        when {{ referrer_host }} = '{{ host }}' then null
        {%- endfor %}
        else {{ referrer_host }}
    end
{%- endmacro %}
