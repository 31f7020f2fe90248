-- What was open when a day ended, from the visits of stages: a visit adds its deal on the day it
-- begins and takes it out on the day it ends. Amount and owner are those of the latest version. A
-- day opens with what its people had open on the evening before, in whichever team; what was before
-- the first day is unknown. A deal's history may be older than its creation, and than the calendar:
-- what was open by then is open on the first day.
with stage_visits as (
    select
        visits.visit_number,
        visits.is_closed_stage,
        visits.entered_date,
        visits.exited_date,
        visits.probability,
        opportunities.owner_rep_key as rep_key,
        opportunities.created_date,
        coalesce(opportunities.amount, 0) as amount
    from {{ ref('int_sales__stage_visits') }} as visits
    inner join {{ ref('int_core__opportunities_valued') }} as opportunities
        on visits.opportunity_key = opportunities.opportunity_key
),

-- From its creation to its first known stage a deal is in one that nobody knows, and open: so are
-- all that were over when a source without a history of stages was first read.
visits as (
    select
        rep_key,
        entered_date,
        exited_date,
        amount,
        -- One factor is wide: the product of two narrow decimals stays narrow and would overflow.
        cast(
            cast(amount as decimal(19, 4)) * cast(coalesce(probability, 0) as decimal(9, 6))
            as decimal(18, 4)
        ) as weighted_amount
    from stage_visits
    where not is_closed_stage

    union all

    select
        rep_key,
        created_date as entered_date,
        entered_date as exited_date,
        amount,
        cast(0 as decimal(18, 4)) as weighted_amount
    from stage_visits
    where visit_number = 1 and created_date < entered_date
),

movements as (
    select
        rep_key,
        entered_date as date_day,
        1 as deal_count,
        amount,
        weighted_amount
    from visits
    union all
    select
        rep_key,
        exited_date as date_day,
        -1 as deal_count,
        -amount as amount,
        -weighted_amount as weighted_amount
    from visits
    where exited_date is not null
),

days as (
    select date_day from {{ ref('int_core__calendar_days') }}
),

first_day as (
    select min(date_day) as date_day from days
),

counted as (
    select
        coalesce(movements.rep_key, 0) as rep_key,
        greatest(movements.date_day, first_day.date_day) as date_day,
        movements.deal_count,
        movements.amount,
        movements.weighted_amount
    from movements
    cross join first_day
),

moved as (
    select
        rep_key,
        date_day,
        sum(deal_count) as deal_count,
        sum(amount) as amount,
        sum(weighted_amount) as weighted_amount
    from counted
    group by rep_key, date_day
),

ended as (
    select
        coalesce(rep_key, 0) as rep_key,
        date_day,
        sum(case when measure = 'won' then amount end) as won,
        sum(case when measure = 'lost' then amount end) as lost,
        sum(case when measure = 'won_value' then amount end) as won_value,
        sum(case when measure = 'cycle_days' then amount end) as cycle_days
    from {{ ref('int_sales__rep_measures_daily') }}
    where measure in ('won', 'lost', 'won_value', 'cycle_days')
    group by coalesce(rep_key, 0), date_day
),

owners as (
    select rep_key from moved
    union
    select rep_key from ended
),

open_deals as (
    select
        owners.rep_key,
        {% for part in ['deal_count', 'amount', 'weighted_amount'] %}
            sum(coalesce(moved.{{ part }}, 0)) over (
                partition by owners.rep_key
                order by days.date_day nulls last
                rows between unbounded preceding and current row
            ) as open_{{ part }},
        {% endfor %}
        coalesce(ended.won, 0) as won,
        coalesce(ended.lost, 0) as lost,
        coalesce(ended.won_value, 0) as won_value,
        coalesce(ended.cycle_days, 0) as cycle_days,
        days.date_day
    from owners
    cross join days
    left join moved on owners.rep_key = moved.rep_key and days.date_day = moved.date_day
    left join ended on owners.rep_key = ended.rep_key and days.date_day = ended.date_day
),

{% set before -%}
    over (partition by open_deals.rep_key order by open_deals.date_day nulls last)
{%- endset %}
placed as (
    select
        open_deals.*,
        lag(open_deals.open_deal_count) {{ before }} as opening_deal_count,
        lag(open_deals.open_amount) {{ before }} as opening_amount,
        coalesce(teams.team, '(unknown)') as team,
        coalesce(reps.rep, '(unknown)') as rep
    from open_deals
    left join {{ ref('int_core__sales_reps') }} as teams
        on {{ rep_as_of('teams', 'open_deals.rep_key', 'open_deals.date_day') }}
    left join {{ ref('int_sales__reps') }} as reps on open_deals.rep_key = reps.rep_key
),

by_dimension as (
    {% for dimension, segment in [('overall', "'all'"), ('team', 'team'), ('rep', 'rep')] %}
        select
            placed.*,
            '{{ dimension }}' as dimension,
            {{ segment }} as segment
        from placed
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

summed as (
    select
        dimension,
        segment,
        date_day,
        cast(sum(open_deal_count) as bigint) as open_count,
        cast(sum(open_amount) as decimal(28, 4)) as open_value,
        cast(sum(open_weighted_amount) as decimal(28, 4)) as weighted_value,
        cast(sum(opening_deal_count) as bigint) as opening_count,
        cast(sum(opening_amount) as decimal(28, 4)) as opening_value,
        cast(sum(won) as bigint) as won,
        cast(sum(lost) as bigint) as lost,
        cast(sum(won_value) as decimal(28, 4)) as won_value,
        cast(sum(cycle_days) as decimal(28, 4)) as cycle_days
    from by_dimension
    group by dimension, segment, date_day
)

select * from summed
