{# A referrer's host, null where it is a visited one or one of `own_hosts`: no new visit. #}
{% macro external_host(referrer_host, page_hosts) -%}
    case
        when {{ referrer_host }} in ({{ page_hosts | join(', ') }}) then null
        {%- for host in var('own_hosts') %}
        when {{ referrer_host }} = '{{ host }}' then null
        {%- endfor %}
        else {{ referrer_host }}
    end
{%- endmacro %}
