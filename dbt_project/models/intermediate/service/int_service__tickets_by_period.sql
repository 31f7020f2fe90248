-- A ticket counts in the period in which it came, whenever it was answered.
with tickets as (
    select * from {{ ref('int_service__tickets_measured') }}
),

by_dimension as (
    {% for dimension in service_dimensions() %}
        select
            tickets.*,
            '{{ dimension }}' as dimension,
            {{ segment_of(dimension) }} as segment
        from tickets
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

by_period as (
    select
        period_days.period_grain,
        period_days.period_start,
        by_dimension.dimension,
        by_dimension.segment,
        count(*) as tickets,
        count(by_dimension.first_replied_at) as replied,
        sum(
            case
                when by_dimension.solved_at is not null or by_dimension.is_solved_before then 1
                else 0
            end
        ) as solved,
        -- A helpdesk empties solved_at when a ticket is opened again.
        sum(
            case
                when
                    by_dimension.solved_at is not null
                    or by_dimension.is_solved_before
                    or by_dimension.is_reopened
                    then 1
                else 0
            end
        ) as ever_solved,
        count(by_dimension.solved_at) as solved_since,
        sum(case when by_dimension.is_reopened then 1 else 0 end) as reopened,
        {{ percentile('by_dimension.first_response_hours', 0.5, beside=0.9) }}
            as median_first_response_hours,
        {{ percentile('by_dimension.first_response_hours', 0.9, beside=0.5) }}
            as p90_first_response_hours,
        {{ mean_hours('by_dimension.first_response_hours') }}
            as mean_first_response_hours,
        {{ percentile('by_dimension.first_response_business_hours', 0.5, beside=0.9) }}
            as median_first_response_business_hours,
        {{ percentile('by_dimension.first_response_business_hours', 0.9, beside=0.5) }}
            as p90_first_response_business_hours,
        {{ mean_hours('by_dimension.first_response_business_hours') }}
            as mean_first_response_business_hours,
        {{ percentile('by_dimension.resolution_hours', 0.5, beside=0.9) }}
            as median_resolution_hours,
        {{ percentile('by_dimension.resolution_hours', 0.9, beside=0.5) }}
            as p90_resolution_hours,
        {{ mean_hours('by_dimension.resolution_hours') }}
            as mean_resolution_hours,
        {{ percentile('by_dimension.resolution_business_hours', 0.5, beside=0.9) }}
            as median_resolution_business_hours,
        {{ percentile('by_dimension.resolution_business_hours', 0.9, beside=0.5) }}
            as p90_resolution_business_hours,
        {{ mean_hours('by_dimension.resolution_business_hours') }}
            as mean_resolution_business_hours,
        count(by_dimension.is_first_response_sla_met) as first_response_sla_decided,
        sum(case when by_dimension.is_first_response_sla_met then 1 else 0 end)
            as first_response_sla_met,
        count(by_dimension.is_resolution_sla_met) as resolution_sla_decided,
        sum(case when by_dimension.is_resolution_sla_met then 1 else 0 end)
            as resolution_sla_met,
        count(by_dimension.is_sla_met) as sla_decided,
        sum(case when by_dimension.is_sla_met then 1 else 0 end) as sla_met
    from by_dimension
    inner join {{ ref('int_core__period_days') }} as period_days
        on by_dimension.created_date = period_days.date_day
    group by
        period_days.period_grain,
        period_days.period_start,
        by_dimension.dimension,
        by_dimension.segment
)

select * from by_period
