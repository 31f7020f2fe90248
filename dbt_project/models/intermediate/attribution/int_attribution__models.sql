with models as (
    {% for model in attribution_models() -%}
        select '{{ model }}' as model
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select * from models
