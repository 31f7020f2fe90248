-- What each rep did and brought about on a day, in the team of that day; a rep without a name has
-- a null key. A new measure is a further select.
with opportunities as (
    select * from {{ ref('int_core__opportunities_valued') }}
),

closed as (
    select * from opportunities
    where is_closed
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

activities as (
    select
        rep_key,
        activity_date,
        case
            when activity_type in ('call', 'email', 'meeting', 'demo') then activity_type
            else 'other_activity'
        end as activity_kind
    from {{ ref('int_core__activities_assigned') }}
),

{% set counted -%}
    cast(count(*) as decimal(28, 4))
{%- endset %}
measures as (
    select
        rep_key,
        activity_date as date_day,
        activity_kind as measure,
        {{ counted }} as amount
    from activities
    group by rep_key, activity_date, activity_kind

    union all

    select
        owner_rep_key as rep_key,
        created_date as date_day,
        'opportunity' as measure,
        {{ counted }} as amount
    from opportunities
    group by owner_rep_key, created_date

    union all

    select
        owner_rep_key as rep_key,
        created_date as date_day,
        'pipeline_created' as measure,
        cast(sum(amount) as decimal(28, 4)) as amount
    from opportunities
    group by owner_rep_key, created_date

    union all

    select
        owner_rep_key as rep_key,
        closed_date as date_day,
        'won' as measure,
        {{ counted }} as amount
    from closed
    where is_won
    group by owner_rep_key, closed_date

    union all

    select
        owner_rep_key as rep_key,
        closed_date as date_day,
        'lost' as measure,
        {{ counted }} as amount
    from closed
    where not is_won
    group by owner_rep_key, closed_date

    union all

    select
        owner_rep_key as rep_key,
        closed_date as date_day,
        'won_value' as measure,
        cast(sum(amount) as decimal(28, 4)) as amount
    from closed
    where is_won
    group by owner_rep_key, closed_date

    union all

    select
        owner_rep_key as rep_key,
        closed_date as date_day,
        'cycle_days' as measure,
        cast(sum({{ four_decimals('cycle_days') }}) as decimal(28, 4)) as amount
    from closed
    where is_won
    group by owner_rep_key, closed_date

    union all

    select
        rep_key,
        order_date as date_day,
        'revenue' as measure,
        cast(sum(net_revenue) as decimal(28, 4)) as amount
    from orders
    group by rep_key, order_date

    union all

    select
        orders.rep_key,
        refunds.refund_date as date_day,
        'refunded' as measure,
        cast(sum(refunds.refunded) as decimal(28, 4)) as amount
    from {{ ref('int_core__refunds_valued') }} as refunds
    inner join orders on refunds.order_key = orders.order_key
    where refunds.is_revenue
    group by orders.rep_key, refunds.refund_date
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
        on {{ rep_as_of('reps', 'measures.rep_key', 'measures.date_day') }}
    where measures.amount is not null
)

select * from assigned
