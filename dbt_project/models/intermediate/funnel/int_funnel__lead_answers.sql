-- What a lead says brought it: in the form, else in the latest survey about the source that names
-- the lead or reached its e-mail address. Patterns run over the few distinct answers.
with leads as (
    select
        lead_key,
        email_key,
        self_reported_source
    from {{ ref('stg_crm__leads') }}
),

responses as (
    select
        responses.response_key,
        linked.lead_key,
        responses.lead_id,
        responses.email_key,
        responses.answered_at,
        responses.answer
    from {{ ref('stg_survey__responses') }} as responses
    inner join {{ ref('int_core__survey_responses_scored') }} as linked
        on responses.response_key = linked.response_key
    where responses.survey = 'source' and responses.answer is not null
),

surveyed as (
    select
        lead_key,
        response_key,
        answered_at,
        answer
    from responses
    where lead_key is not null

    union all

    select
        leads.lead_key,
        responses.response_key,
        responses.answered_at,
        responses.answer
    from responses
    inner join leads on responses.email_key = leads.email_key
    where responses.lead_id is null
),

latest_surveyed as (
    select
        lead_key,
        answer
    from surveyed
    qualify
        row_number() over (
            partition by lead_key
            order by answered_at desc nulls last, response_key asc nulls last
        ) = 1
),

answered as (
    select
        leads.lead_key,
        coalesce(leads.self_reported_source, latest_surveyed.answer) as answer
    from leads
    left join latest_surveyed on leads.lead_key = latest_surveyed.lead_key
),

answers as (
    select distinct answer
    from answered
    where answer is not null
),

meanings as (
    select distinct
        answers.answer,
        self_reported_sources.channel
    from answers
    inner join {{ ref('self_reported_sources') }} as self_reported_sources
        on {{ full_match('answers.answer', 'self_reported_sources.answer_pattern') }}
),

meant as (
    select
        answered.lead_key,
        answered.answer,
        meanings.channel as said_channel
    from answered
    left join meanings on answered.answer = meanings.answer
    where answered.answer is not null
)

select * from meant
