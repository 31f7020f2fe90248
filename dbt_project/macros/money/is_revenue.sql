{# Whether an order of a status counts as revenue. #}
{% macro is_revenue(status) -%}
    coalesce({{ status }} in ('{{ var("revenue_order_statuses") | join("', '") }}'), false)
{%- endmacro %}
