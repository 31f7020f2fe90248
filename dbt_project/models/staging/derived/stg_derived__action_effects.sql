with source as (
    select * from {{ source('derived', 'action_effects') }}
),

renamed as (
    select
        action_id,
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
        pre_trend,
        has_other_trend,
        adjusted_effect,
        adjusted_lower,
        adjusted_upper,
        sample
    from source
)

select * from renamed
