-- What a lead says brought it: in the form, else in the latest survey about the source that names
-- the lead or reached its e-mail address. Patterns run over the few distinct answers.
with leads as (
    select
        lead_key,
        lead_id,
        email_key,
        self_reported_source
    from {{ ref('stg_crm__leads') }}
),

sole_ids as (
    select
        lead_id,
        min(lead_key) as lead_key
    from leads
    group by lead_id
    having count(*) = 1
),

responses as (
    select
        response_key,
        lead_id,
        email_key,
        answered_at,
        answer
    from {{ ref('stg_survey__responses') }}
    where survey = 'source' and answer is not null
),

surveyed as (
    select
        sole_ids.lead_key,
        responses.response_key,
        responses.answered_at,
        responses.answer
    from responses
    inner join sole_ids on responses.lead_id = sole_ids.lead_id

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
