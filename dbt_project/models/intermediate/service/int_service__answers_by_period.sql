-- A survey counts in the period in which it was sent, with the answer that came of it.
with answers as (
    select * from {{ ref('int_service__survey_answers') }}
),

by_dimension as (
    {% for dimension in service_dimensions() %}
        select
            answers.sent_date,
            answers.survey,
            answers.score_band,
            '{{ dimension }}' as dimension,
            {{ segment_of(dimension) }} as segment
        from answers
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

by_period as (
    select
        period_days.period_grain,
        period_days.period_start,
        by_dimension.dimension,
        by_dimension.segment,
        {% for survey in ['csat', 'nps'] %}
            sum(case when by_dimension.survey = '{{ survey }}' then 1 else 0 end)
                as {{ survey }}_surveys,
            sum(
                case
                    when
                        by_dimension.survey = '{{ survey }}'
                        and by_dimension.score_band <> 'no_answer'
                        then 1
                    else 0
                end
            ) as {{ survey }}_answers,
        {% endfor %}
        sum(case when by_dimension.score_band = 'satisfied' then 1 else 0 end) as csat_satisfied,
        sum(case when by_dimension.score_band = 'promoter' then 1 else 0 end) as nps_promoters,
        sum(case when by_dimension.score_band = 'detractor' then 1 else 0 end) as nps_detractors
    from by_dimension
    inner join {{ ref('int_core__period_days') }} as period_days
        on by_dimension.sent_date = period_days.date_day
    group by
        period_days.period_grain,
        period_days.period_start,
        by_dimension.dimension,
        by_dimension.segment
)

select * from by_period
