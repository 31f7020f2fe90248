-- Tickets by the day they came, surveys by the day they were sent. Channel, team and rep are those
-- of the ticket: the way it came in, who answers it and that agent's team. Of the latest tickets
-- those are decided that were quick: promises are counted once the others had their time. Tickets
-- of which nothing was promised, or is decided yet, have none, and not an unknown number.
{%- set dimensions = ['country', 'segment', 'channel', 'team', 'rep'] %}
{%- set ticket_measures = ['tickets', 'sla_decided', 'sla_met'] %}
{%- set answer_measures = ['csat_answers', 'csat_satisfied', 'nps_answers', 'nps_balance'] %}
with customers as (
    select
        customer_key,
        segment
    from {{ ref('int_core__customers') }}
),

tickets as (
    select
        tickets.created_date as activity_date,
        {{ segment_of('tickets.country') }} as country,
        {{ segment_of('customers.segment') }} as segment,
        {{ segment_of('tickets.channel') }} as channel,
        {{ segment_of('tickets.team') }} as team,
        {{ segment_of('tickets.assignee') }} as rep,
        1 as tickets,
        case when tickets.is_sla_met is not null then 1 else 0 end as sla_decided,
        case when tickets.is_sla_met then 1 else 0 end as sla_met
    from {{ ref('int_service__tickets_measured') }} as tickets
    left join customers on tickets.customer_key = customers.customer_key
),

answers as (
    select
        answers.sent_date as activity_date,
        {{ segment_of('answers.country') }} as country,
        {{ segment_of('customers.segment') }} as segment,
        {{ segment_of('answers.channel') }} as channel,
        {{ segment_of('answers.team') }} as team,
        {{ segment_of('answers.assignee') }} as rep,
        case when answers.survey = 'csat' then 1 else 0 end as csat_answers,
        case when answers.score_band = 'satisfied' then 1 else 0 end as csat_satisfied,
        case when answers.survey = 'nps' then 1 else 0 end as nps_answers,
        case answers.score_band when 'promoter' then 1 when 'detractor' then -1 else 0 end
            as nps_balance
    from {{ ref('int_service__survey_answers') }} as answers
    left join customers on answers.customer_key = customers.customer_key
    where answers.score_band <> 'no_answer'
),

tickets_summed as (
    {{ sums_by_dimension('tickets', ['activity_date'], dimensions, ticket_measures) }}
),

answers_summed as (
    {{ sums_by_dimension('answers', ['activity_date'], dimensions, answer_measures) }}
),

daily as (
    {{ daily_components('tickets_summed', {
        'sla_decided': ['sla_decided', 'sla_decided', 'tickets'],
        'sla_met': ['sla_met', 'sla_decided'],
    }, "'support_tickets'", var('ticket_maturity_days'), once={'sla_met': 'sla_met'}) }}

    union all

    {{ daily_components('answers_summed', {
        'csat_answers': ['csat_answers', 'csat_answers'],
        'csat_satisfied': ['csat_satisfied', 'csat_answers'],
        'nps_answers': ['nps_answers', 'nps_answers'],
        'nps_balance': ['nps_balance', 'nps_answers'],
    }, "'survey_responses'") }}
)

select * from daily
