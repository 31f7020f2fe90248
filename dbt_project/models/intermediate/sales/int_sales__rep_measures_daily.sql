-- What each rep did and brought about on a day, in the team of that day; a rep without a name has
-- a null key. A new measure is a further select.
with opportunities as (
    select * from {{ ref('int_core__opportunities_valued') }}
),

closed as (
    select
        *,
        {{ seconds_between('created_at', 'closed_at') }} / 86400 as cycle_days
    from opportunities
    where is_closed and closed_at <= {{ as_of() }}
),

orders as (
    select
        order_key,
        rep_key,
        order_date,
        net_revenue
    from {{ ref('int_core__orders_valued') }}
    where is_revenue and rep_key is not null
),

{% set counted -%}
    cast(count(*) as decimal(28, 4))
{%- endset %}
measures as (
    select
        rep_key,
        activity_date as date_day,
        case
            when activity_type in ('call', 'email', 'meeting', 'demo') then activity_type
            else 'other_activity'
        end as measure,
        {{ counted }} as amount
    from {{ ref('int_core__activities_assigned') }}
    group by 1, 2, 3
    union all
    select
        owner_rep_key,
        created_date,
        'opportunity',
        {{ counted }}
    from opportunities
    group by 1, 2, 3
    union all
    select
        owner_rep_key,
        created_date,
        'pipeline_created',
        cast(sum(amount) as decimal(28, 4))
    from opportunities
    group by 1, 2, 3
    union all
    select
        owner_rep_key,
        closed_date,
        case when is_won then 'won' else 'lost' end,
        {{ counted }}
    from closed
    group by 1, 2, 3
    union all
    select
        owner_rep_key,
        closed_date,
        'won_value',
        cast(sum(amount) as decimal(28, 4))
    from closed
    where is_won
    group by 1, 2, 3
    union all
    select
        owner_rep_key,
        closed_date,
        'cycle_days',
        cast(round(sum(cast(cycle_days as decimal(28, 4))), 4) as decimal(28, 4))
    from closed
    where is_won
    group by 1, 2, 3
    union all
    select
        rep_key,
        order_date,
        'revenue',
        cast(sum(net_revenue) as decimal(28, 4))
    from orders
    group by 1, 2, 3
    union all
    select
        orders.rep_key,
        refunds.refund_date,
        'refunded',
        cast(sum(refunds.refunded) as decimal(28, 4))
    from {{ ref('int_core__refunds_valued') }} as refunds
    inner join orders on refunds.order_key = orders.order_key
    where refunds.is_revenue
    group by 1, 2, 3
),

reps as (
    select
        rep_key,
        team,
        valid_from,
        valid_until
    from {{ ref('int_core__sales_reps') }}
),

assigned as (
    select
        measures.rep_key,
        coalesce(reps.team, '(unknown)') as team,
        measures.date_day,
        measures.measure,
        measures.amount
    from measures
    left join reps
        on
            measures.rep_key = reps.rep_key
            and measures.date_day between reps.valid_from and reps.valid_until
    where measures.amount is not null
)

select * from assigned
