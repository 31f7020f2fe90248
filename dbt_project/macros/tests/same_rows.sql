{# Fails unless the model has as many rows as another relation: no row lost, none multiplied. #}
{% test same_rows(model, of) %}
    with counted as (
        select
            (select count(*) from {{ model }}) as rows_here,
            (select count(*) from {{ of }}) as rows_there
    )

    select *
    from counted
    where rows_here <> rows_there
{% endtest %}
