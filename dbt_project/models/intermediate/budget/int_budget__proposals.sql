with proposals as (
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
        cast(proposed_spend - spend as decimal(18, 4)) as spend_change,
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
    from {{ ref('stg_derived__budget_proposals') }}
)

select * from proposals
