{# Whether a deal may be what a lead led to: it is no older. By days, since a CRM may give a creation as a
   day alone, its midnight. #}
{% macro is_led_to(deal_created_at, lead_created_at) -%}
    {{ business_date(deal_created_at) }} >= {{ business_date(lead_created_at) }}
{%- endmacro %}
