-- A sample is enough to fit the values of purchases: keys are hashes, so the smallest are one.
with valued as (
    select
        customer_key,
        valued_repeats as frequency,
        {{ ratio('repeat_revenue', 'valued_repeats') }} as mean_value
    from {{ ref('int_retention__purchase_histories') }}
    where valued_repeats > 0 and repeat_revenue > 0
),

sampled as (
    select *
    from valued
    qualify
        row_number() over (order by customer_key nulls last)
        <= {{ var('prediction_sample_customers') }}
)

select * from sampled
