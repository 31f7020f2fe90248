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
        'spend_with_clicks': 'decimal(18, 4)',
        'spend_with_impressions': 'decimal(18, 4)',
        'clicks_with_impressions': 'bigint',
        'impressions_with_clicks': 'bigint',
        'other_costs': 'decimal(18, 4)',
        'platform_conversions': 'decimal(18, 4)',
        'platform_revenue': 'decimal(18, 4)',
        'claiming_rows': 'bigint',
        'rows_without_claims': 'bigint',
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
