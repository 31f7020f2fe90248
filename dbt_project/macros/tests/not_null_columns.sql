{# Fails for each of the columns that is null in some row; gives the column and how many rows. #}
{% test not_null_columns(model, columns) %}
    with counted as (
        select
            {% for column in columns %}
                count(*) - count({{ column }}) as {{ column }}{{ "," if not loop.last }}
            {% endfor %}
        from {{ model }}
    )

    {% for column in columns %}
        select
            '{{ column }}' as column_name,
            {{ column }} as rows_without
        from counted
        where {{ column }} > 0
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
{% endtest %}
