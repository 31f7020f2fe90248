{# What the figures of channels and campaigns are made of, with types: what belongs to no model (visits,
   leads, costs), and what a model credits. #}
{% macro activity_measures() -%}
    {{ return({
        'sessions': 'bigint',
        'leads': 'bigint',
        'mqls': 'bigint',
        'impressions': 'bigint',
        'clicks': 'bigint',
        'spend': 'decimal(18, 4)',
        'other_costs': 'decimal(18, 4)',
        'platform_conversions': 'decimal(18, 4)',
        'platform_revenue': 'decimal(18, 4)',
    }) }}
{%- endmacro %}

{% macro credit_measures() -%}
    {{ return({
        'conversions': 'decimal(18, 9)',
        'new_customers': 'decimal(18, 9)',
        'attributed_revenue': 'decimal(18, 4)',
        'attributed_margin': 'decimal(18, 4)',
        'unknown_margins': 'decimal(18, 9)',
        'refunded': 'decimal(18, 4)',
    }) }}
{%- endmacro %}
