with states as (
    select * from {{ ref('int_sales__pipeline_by_period') }}
),

-- The days of which deals are known, as for the KPI sales_velocity, be one ever closed or not.
deals as (
    {{ known_until(['crm_opportunities']) }}
),

rated as (
    select
        states.period_grain,
        states.period_start,
        states.dimension,
        states.segment,
        states.is_complete and states.period_end <= deals.known_until as is_complete,
        states.open_count,
        states.open_value,
        states.weighted_value,
        states.won,
        states.closed,
        {{ outcome_rate('states.won', 'states.closed') }} as win_rate,
        states.won_value,
        {{ ratio('states.won_value', 'states.won') }} as value_per_deal,
        states.won_cycle_days,
        {{ ratio('states.won_cycle_days', 'states.won') }} as cycle_days
    from states
    cross join deals
),

-- Of four decimals, as components of KPIs are: sales_velocity says the same to the cent.
paced as (
    select
        *,
        {{ ratio(
            four_decimals('open_count * ' ~ ratio('won_value', 'closed')),
            four_decimals('cycle_days')
        ) }} as velocity
    from rated
)

select * from paced
