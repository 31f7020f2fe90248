-- How much of its weight a touch has left after a part of one half-life, in integers that no engine
-- computes: 2^-(256 i + j) / 65536 is a product of two numbers from short lists.
{%- set steps = decay_steps() %}
with coarse as (
    {% for step in range(steps) -%}
        select
            {{ step }} as step,
            {{ (2 ** (24 - step / steps)) | round | int }} as part
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

fine as (
    {% for step in range(steps) -%}
        select
            {{ step }} as step,
            {{ (2 ** (24 - step / steps / steps)) | round | int }} as part
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

weights as (
    select
        cast(coarse.step * {{ steps }} + fine.step as bigint) as decay_step,
        cast(
            floor(
                cast(coarse.part as double) * cast(fine.part as double)
                / cast({{ 2 ** 24 }} as double)
            ) as bigint
        ) as weight
    from coarse
    cross join fine
)

select * from weights
