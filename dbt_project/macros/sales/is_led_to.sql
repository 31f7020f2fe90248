{# Whether a deal may be what a lead led to: it is no older. By days, since a CRM may give a creation as a
   day alone, its midnight; the lead's is the one that it counts for, as the audit sees it. #}
{% macro is_led_to(deal_created_at, lead_created_at) -%}
    {{ business_date(deal_created_at) }} >= {{ counted_date(business_date(lead_created_at)) }}
{%- endmacro %}
