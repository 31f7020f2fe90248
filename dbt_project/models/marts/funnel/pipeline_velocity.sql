with states as (
    select * from {{ ref('int_sales__pipeline_by_period') }}
),

rated as (
    select
        period_grain,
        period_start,
        dimension,
        segment,
        is_complete,
        open_count,
        open_value,
        weighted_value,
        won,
        closed,
        {{ outcome_rate('won', 'closed') }} as win_rate,
        won_value,
        {{ ratio('won_value', 'won') }} as value_per_deal,
        won_cycle_days,
        {{ ratio('won_cycle_days', 'won') }} as cycle_days
    from states
),

paced as (
    select
        *,
        cast(open_count as double) * win_rate * value_per_deal / nullif(cycle_days, 0)
            as velocity
    from rated
)

select * from paced
