with backlog as (
    select * from {{ ref('int_service__backlog_by_period') }}
),

tickets as (
    select * from {{ ref('int_service__tickets_by_period') }}
),

answers as (
    select * from {{ ref('int_service__answers_by_period') }}
),

periods as (
    select
        period_grain,
        period_start,
        period_end,
        silent_days,
        is_complete
    from {{ ref('int_core__periods') }}
),

-- The days that the tickets which are known span, be they ever answered or not.
extents as (
    {{ extents_of('sla_decided') }}
),

segments as (
    select
        period_grain,
        period_start,
        dimension,
        segment
    from backlog
    union
    select
        period_grain,
        period_start,
        dimension,
        segment
    from answers
),

performance as (
    select
        segments.period_grain,
        segments.period_start,
        segments.dimension,
        segments.segment,
        periods.is_complete and {{ is_whole('extents') }} as is_complete,
        cast(coalesce(tickets.tickets, 0) as bigint) as tickets,
        cast(coalesce(tickets.replied, 0) as bigint) as replied,
        cast(coalesce(tickets.solved, 0) as bigint) as solved,
        cast(coalesce(tickets.ever_solved, 0) as bigint) as ever_solved,
        cast(coalesce(tickets.reopened, 0) as bigint) as reopened,
        {{ outcome_rate('tickets.reopened', 'tickets.ever_solved') }} as reopened_rate,
        {% for measure in ['first_response', 'resolution'] %}
            {% for clock in ['hours', 'business_hours'] %}
                {% for statistic in ['median', 'p90', 'mean'] %}
                    cast(tickets.{{ statistic }}_{{ measure }}_{{ clock }} as double)
                        as {{ statistic }}_{{ measure }}_{{ clock }},
                {% endfor %}
            {% endfor %}
        {% endfor %}
        {% for sla in ['first_response_sla', 'resolution_sla', 'sla'] %}
            cast(coalesce(tickets.{{ sla }}_decided, 0) as bigint) as {{ sla }}_decided,
            cast(coalesce(tickets.{{ sla }}_met, 0) as bigint) as {{ sla }}_met,
            {{ outcome_rate('tickets.' ~ sla ~ '_met', 'tickets.' ~ sla ~ '_decided') }}
                as {{ sla }}_met_rate,
        {% endfor %}
        coalesce(backlog.solved_in_period, 0) as solved_in_period,
        coalesce(backlog.backlog, 0) as backlog,
        {% for survey in ['csat', 'nps'] %}
            cast(coalesce(answers.{{ survey }}_surveys, 0) as bigint) as {{ survey }}_surveys,
            cast(coalesce(answers.{{ survey }}_answers, 0) as bigint) as {{ survey }}_answers,
            {{ ratio('answers.' ~ survey ~ '_answers', 'answers.' ~ survey ~ '_surveys') }}
                as {{ survey }}_response_rate,
        {% endfor %}
        cast(coalesce(answers.csat_satisfied, 0) as bigint) as csat_satisfied,
        {{ ratio('answers.csat_satisfied', 'answers.csat_answers') }} as csat_rate,
        cast(coalesce(answers.nps_promoters, 0) as bigint) as nps_promoters,
        cast(coalesce(answers.nps_detractors, 0) as bigint) as nps_detractors,
        100 * {{ ratio('answers.nps_promoters - answers.nps_detractors', 'answers.nps_answers') }}
            as nps
    from segments
    inner join periods
        on
            segments.period_grain = periods.period_grain
            and segments.period_start = periods.period_start
    cross join extents
    {% for part in ['backlog', 'tickets', 'answers'] %}
        left join {{ part }}
            on
                segments.period_grain = {{ part }}.period_grain
                and segments.period_start = {{ part }}.period_start
                and segments.dimension = {{ part }}.dimension
                and segments.segment = {{ part }}.segment
    {% endfor %}
)

select * from performance
