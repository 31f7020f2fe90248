-- The gamma-gamma model's mean value of a customer's next purchase: the customer's own mean, drawn
-- towards that of all the more the fewer purchases it rests on. An expectation, computed as such:
-- what was paid enters the model's formula as the fractions that its parameters are.
with histories as (
    select
        customer_key,
        purchases - 1 as frequency,
        recency_days,
        age_days,
        case when repeat_revenue > 0 then valued_repeats else 0 end as valued_repeats,
        case when repeat_revenue > 0 then cast(repeat_revenue as double) else 0 end as repeat_total
    from {{ ref('int_retention__purchase_histories') }}
),

models as (
    select
        max(case when model = 'purchase_rate' then note end) as rate_note,
        max(case when model = 'purchase_value' then note end) as value_note,
        max(case when model = 'purchase_value' and parameter = 'p' then value end) as p,
        max(case when model = 'purchase_value' and parameter = 'q' then value end) as q,
        max(case when model = 'purchase_value' and parameter = 'v' then value end) as v
    from {{ ref('stg_derived__purchase_models') }}
),

expected as (
    select
        histories.customer_key,
        predictions.probability_alive,
        predictions.expected_purchases,
        models.p * (models.v + histories.repeat_total)
        / (models.p * cast(histories.valued_repeats as double) + models.q - 1)
            as expected_value,
        coalesce(models.rate_note, models.value_note) as note
    from histories
    cross join models
    left join {{ ref('stg_derived__purchase_predictions') }} as predictions
        on
            histories.frequency = predictions.frequency
            and histories.recency_days = predictions.recency_days
            and histories.age_days = predictions.age_days
),

valued as (
    select
        customer_key,
        probability_alive,
        expected_purchases,
        expected_value,
        cast(
            {{ four_decimals('expected_purchases * expected_value') }} as decimal(18, 4)
        ) as predicted_revenue,
        note
    from expected
)

select * from valued
