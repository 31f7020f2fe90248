-- Components that other models know by period already: medians of tickets, and the pipeline. A
-- period without a ticket has no median.
with tickets as (
    select
        period_grain,
        period_start,
        case dimension when 'assignee' then 'rep' else dimension end as dimension,
        segment,
        replied,
        solved_since,
        median_first_response_business_hours,
        median_resolution_business_hours
    from {{ ref('int_service__tickets_by_period') }}
    where dimension in ('overall', 'country', 'channel', 'team', 'assignee')
),

-- The mean of the window that velocity is taken from.
pipeline as (
    select
        period_grain,
        period_start,
        dimension,
        segment,
        closed,
        won,
        open_count * {{ ratio('won_value', 'closed') }} as expected_wins,
        {{ ratio('won_cycle_days', 'won') }} as mean_cycle_days
    from {{ ref('int_sales__pipeline_by_period') }}
),

-- What a team begins a period with is what its reps of that day bring, wherever they were before.
openings as (
    select
        periods.period_grain,
        periods.period_start,
        daily.dimension,
        daily.segment,
        daily.opening_count,
        daily.opening_value
    from {{ ref('int_core__periods') }} as periods
    inner join {{ ref('int_sales__pipeline_daily') }} as daily
        on periods.period_start = daily.date_day
),

by_period as (
    {{ period_components('tickets', {
        'median_first_response_hours': ['median_first_response_business_hours', 'replied'],
        'median_resolution_hours': ['median_resolution_business_hours', 'solved_since'],
    }, "'support_tickets'") }}

    union all

    {{ period_components('pipeline', {
        'expected_wins': ['expected_wins', 'closed'],
        'mean_cycle_days': ['mean_cycle_days', 'won'],
    }, "'crm_opportunities'") }}

    union all

    {{ period_components(
        'openings', {'opening_pipeline': ['opening_value', 'opening_count']}, "'crm_opportunities'"
    ) }}
)

select * from by_period
