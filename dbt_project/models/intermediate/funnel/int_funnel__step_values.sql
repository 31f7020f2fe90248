-- What one more person through a step is worth: the share of those past it who come to the end, in
-- every entry whose window has closed, times the average order or won deal. Where the last step
-- is neither, it is not known.
with steps as (
    select
        funnel,
        step_number,
        last_step_number,
        event_or_stage
    from {{ ref('int_funnel__steps') }}
),

reached as (
    select
        funnel,
        step_number,
        count(*) as entries
    from {{ ref('int_funnel__progress') }}
    where is_window_closed
    group by funnel, step_number
),

conversions as (
    select
        'purchase' as event_or_stage,
        order_date as converted_date,
        net_revenue as revenue
    from {{ ref('int_core__orders_valued') }}
    where is_revenue and net_revenue is not null

    union all

    select
        'won' as event_or_stage,
        closed_date as converted_date,
        amount as revenue
    from {{ ref('int_core__opportunities_valued') }}
    where is_won and amount is not null
),

averages as (
    select
        event_or_stage,
        {{ from_minor_units(
            even_share(minor_units('sum(revenue)'), 'count(*)')
        ) }} as average_value
    from conversions
    where
        converted_date
        >= cast({{ as_of_date() }} - {{ day_interval(var('funnel_value_days')) }} as date)
    group by event_or_stage
),

valued as (
    select
        steps.funnel,
        steps.step_number,
        {{ ratio('ends.entries', 'following_steps.entries') }} as downstream_rate,
        averages.average_value
    from steps
    inner join steps as last_steps
        on
            steps.funnel = last_steps.funnel
            and steps.last_step_number = last_steps.step_number
    left join reached as following_steps
        on
            steps.funnel = following_steps.funnel
            and steps.step_number + 1 = following_steps.step_number
    left join reached as ends
        on
            last_steps.funnel = ends.funnel
            and last_steps.step_number = ends.step_number
    left join averages on last_steps.event_or_stage = averages.event_or_stage
    where steps.step_number < steps.last_step_number
)

select * from valued
