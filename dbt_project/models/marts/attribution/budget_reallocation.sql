with proposals as (
    select * from {{ ref('int_budget__proposals') }}
),

published as (
    select
        basis,
        channel,
        status,
        reason,
        weeks,
        first_week,
        last_week,
        spend,
        proposed_spend,
        spend_change,
        marginal_return,
        marginal_return_lower,
        marginal_return_upper,
        expected_revenue,
        expected_revenue_change,
        expected_revenue_change_lower,
        expected_revenue_change_upper,
        total_revenue_change,
        total_revenue_change_lower,
        total_revenue_change_upper,
        holdout_error,
        last_year_error
    from proposals
)

select * from published
