{# What a value is worth beside its target, by its `attainment` and the bounds of its KPI (`kpi`):
   on_track, at_risk or off_track. A cost of nothing, or a target of nothing: no share, but met or not. #}
{% macro target_status(kpi, attainment, value, target) -%}
    case
        when {{ attainment }} >= {{ kpi }}.warn_at then 'on_track'
        when {{ attainment }} >= {{ kpi }}.alert_at then 'at_risk'
        when {{ attainment }} is not null then 'off_track'
        when {{ kpi }}.direction = 'down' and {{ value }} <= {{ target }} then 'on_track'
        when {{ kpi }}.direction <> 'down' and {{ value }} >= {{ target }} then 'on_track'
        else 'off_track'
    end
{%- endmacro %}
