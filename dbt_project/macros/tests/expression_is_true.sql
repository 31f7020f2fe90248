{# Fails for each row on which an identity does not hold; an unknown result counts as a failure. #}
{% test expression_is_true(model, expression, where="true") %}
    select *
    from {{ model }}
    where ({{ where }}) and not coalesce({{ expression }}, false)
{% endtest %}
