with judged as (
    select * from {{ ref('int_kpi__actions_judged') }}
),

published as (
    select
        action_id,
        kpi_id,
        dimension,
        segment,
        control_segment,
        title,
        owner,
        direction,
        started_on,
        ended_on,
        review_on,
        method,
        weeks,
        before_value,
        after_value,
        control_before_value,
        control_after_value,
        effect,
        effect_lower,
        effect_upper,
        absolute_effect,
        expected_effect,
        is_as_expected,
        pre_trend,
        has_other_trend,
        adjusted_effect,
        adjusted_lower,
        adjusted_upper,
        sample,
        is_small_sample,
        other_actions,
        cost,
        currency,
        cost_reporting,
        verdict
    from judged
)

select * from published
