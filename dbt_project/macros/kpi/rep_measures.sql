{# The measures of a rep's day that add up over days, reps and teams: column by measure. #}
{% macro rep_measures() -%}
    {{ return({
        'calls': 'call',
        'emails': 'email',
        'meetings': 'meeting',
        'demos': 'demo',
        'other_activities': 'other_activity',
        'opportunities': 'opportunity',
        'pipeline_created': 'pipeline_created',
        'won': 'won',
        'lost': 'lost',
        'won_value': 'won_value',
        'won_cycle_days': 'cycle_days',
        'revenue': 'revenue',
        'refunded': 'refunded',
    }) }}
{%- endmacro %}
