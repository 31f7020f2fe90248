-- A survey tool refers to tickets, orders and leads of other systems: a reference means the one of
-- its own source, else the only one of that id anywhere.
with responses as (
    select
        *,
        {{ integer_key(['source_name', 'ticket_id']) }} as own_ticket_key,
        {{ integer_key(['source_name', 'order_id']) }} as own_order_key,
        {{ integer_key(['source_name', 'lead_id']) }} as own_lead_key
    from {{ ref('stg_survey__responses') }}
),

referred_rows as (
    select
        'ticket' as entity,
        ticket_id as entity_id,
        ticket_key as entity_key,
        customer_key
    from {{ ref('int_core__tickets_resolved') }}
    union all
    select
        'order' as entity,
        order_id as entity_id,
        order_key as entity_key,
        customer_key
    from {{ ref('int_core__orders_valued') }}
    union all
    select
        'lead' as entity,
        leads.lead_id as entity_id,
        leads.lead_key as entity_key,
        people.customer_key
    from {{ ref('stg_crm__leads') }} as leads
    inner join {{ ref('int_identity__leads') }} as people on leads.lead_key = people.lead_key
),

mentions as (
    select
        response_key,
        'ticket' as entity,
        ticket_id as entity_id,
        own_ticket_key as own_key
    from responses
    where ticket_id is not null
    union all
    select
        response_key,
        'order' as entity,
        order_id as entity_id,
        own_order_key as own_key
    from responses
    where order_id is not null
    union all
    select
        response_key,
        'lead' as entity,
        lead_id as entity_id,
        own_lead_key as own_key
    from responses
    where lead_id is not null
),

candidates as (
    select
        mentions.response_key,
        mentions.entity,
        referred_rows.entity_key,
        referred_rows.customer_key,
        referred_rows.entity_key = mentions.own_key as is_own,
        count(*) over (partition by mentions.response_key, mentions.entity) as candidates
    from mentions
    inner join referred_rows
        on
            mentions.entity = referred_rows.entity
            and mentions.entity_id = referred_rows.entity_id
),

links as (
    select
        response_key,
        max(case when entity = 'ticket' then entity_key end) as ticket_key,
        max(case when entity = 'order' then entity_key end) as order_key,
        max(case when entity = 'lead' then entity_key end) as lead_key,
        max(case when entity = 'ticket' then customer_key end) as ticket_customer_key,
        max(case when entity = 'order' then customer_key end) as order_customer_key,
        max(case when entity = 'lead' then customer_key end) as lead_customer_key
    from candidates
    where is_own or candidates = 1
    group by response_key
),

customer_references as (
    select
        customer_reference_key,
        customer_key
    from {{ ref('int_identity__customer_references') }}
),

email_customers as (
    select
        email_key,
        customer_key
    from {{ ref('int_core__email_customers') }}
),

linked as (
    select
        responses.response_key,
        responses.source_name,
        responses.response_id,
        responses.survey,
        responses.sent_at,
        {{ business_date('responses.sent_at') }} as sent_date,
        responses.answered_at,
        {{ business_date('responses.answered_at') }} as answered_date,
        coalesce(
            customer_references.customer_key,
            links.ticket_customer_key,
            links.order_customer_key,
            links.lead_customer_key,
            email_customers.customer_key
        ) as customer_key,
        responses.customer_id,
        links.ticket_key,
        responses.ticket_id,
        links.order_key,
        responses.order_id,
        links.lead_key,
        responses.lead_id,
        responses.score,
        responses.scale_min,
        responses.scale_max,
        responses.answer,
        responses.answered_at is not null or responses.score is not null
        or responses.answer is not null as is_answered,
        -- The scales that define the two measures, for tools that do not say theirs. Answers
        -- from 1 to 10 are such from 0 to 10 where nobody was offered the 0: 9 makes a promoter.
        case
            when
                responses.survey = 'nps'
                and responses.scale_min = 1
                and coalesce(responses.scale_max, 10) = 10
                then 0
            else coalesce(
                responses.scale_min, case responses.survey when 'csat' then 1 when 'nps' then 0 end
            )
        end as lowest_score,
        coalesce(
            responses.scale_max, case responses.survey when 'csat' then 5 when 'nps' then 10 end
        ) as highest_score
    from responses
    left join links on responses.response_key = links.response_key
    left join customer_references
        on responses.customer_key = customer_references.customer_reference_key
    left join email_customers on responses.email_key = email_customers.email_key
),

normalised as (
    select
        *,
        case
            when score between coalesce(scale_min, lowest_score) and highest_score
                then {{ ratio('(score - lowest_score)', '(highest_score - lowest_score)') }}
        end as normalised_score
    from linked
),

scored as (
    select
        *,
        case
            when survey = 'nps' and normalised_score >= {{ var('nps_promoter_from') }}
                then 'promoter'
            when survey = 'nps' and normalised_score >= {{ var('nps_passive_from') }} then 'passive'
            when survey = 'nps' and normalised_score is not null then 'detractor'
            when survey = 'csat' and normalised_score >= {{ var('csat_satisfied_from') }}
                then 'satisfied'
            when survey = 'csat' and normalised_score >= {{ var('csat_neutral_from') }}
                then 'neutral'
            when survey = 'csat' and normalised_score is not null then 'dissatisfied'
        end as score_category
    from normalised
)

select * from scored
