with responses as (
    select
        response_key,
        source_name,
        response_id,
        survey,
        sent_at,
        sent_date,
        answered_at,
        answered_date,
        customer_key,
        customer_id,
        ticket_key,
        ticket_id,
        order_key,
        order_id,
        lead_key,
        lead_id,
        is_answered,
        score,
        scale_min,
        scale_max,
        normalised_score,
        score_category,
        answer
    from {{ ref('int_core__survey_responses_scored') }}
)

select * from responses
