-- How much of its weight a touch has left after a part of one half-life, in integers that no engine
-- computes: 2^-(256 i + j) / 65536 is a product of two numbers from short lists. Each list is one
-- `values`: of a union, a cluster makes a task and a file for each `select`.
{%- set steps = decay_steps() %}
with coarse (step, part) as (
    values
    {% for step in range(steps) -%}
        ({{ step }}, {{ (2 ** (24 - step / steps)) | round | int }})
        {%- if not loop.last %},{% endif %}
    {% endfor %}
),

fine (step, part) as (
    values
    {% for step in range(steps) -%}
        ({{ step }}, {{ (2 ** (24 - step / steps / steps)) | round | int }})
        {%- if not loop.last %},{% endif %}
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
