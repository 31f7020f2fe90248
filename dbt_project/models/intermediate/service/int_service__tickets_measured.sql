with tickets as (
    select * from {{ ref('int_service__tickets_routed') }}
),

clock as (
    select
        calendar,
        instant,
        business_seconds
    from {{ ref('int_service__instants_clocked') }}
),

targets as (
    select
        priority,
        cast(first_response_hours as double) as first_response_target,
        cast(resolution_hours as double) as resolution_target
    from {{ ref('sla_targets') }}
),

-- A helpdesk that never tells when it replied: its promises of a reply cannot be held against it.
sources as (
    select
        source_name,
        count(first_replied_at) > 0 as tells_replies
    from tickets
    group by source_name
),

timed as (
    select
        tickets.*,
        sources.tells_replies,
        {{ seconds_between('tickets.created_at', 'tickets.first_replied_at') }} / 3600
            as first_response_hours,
        {{ seconds_between('tickets.created_at', 'tickets.solved_at') }} / 3600
            as resolution_hours,
        cast(replied.business_seconds - opened.business_seconds as double) / 3600
            as first_response_business_hours,
        cast(solved.business_seconds - opened.business_seconds as double) / 3600
            as resolution_business_hours,
        -- Who solved a ticket without a reply of its own replied by then.
        cast(
            coalesce(replied.business_seconds, solved.business_seconds) - opened.business_seconds
            as double
        ) / 3600 as answer_business_hours,
        cast(latest.business_seconds - opened.business_seconds as double) / 3600
            as business_hours_so_far
    from tickets
    inner join sources on tickets.source_name = sources.source_name
    inner join clock as opened
        on tickets.calendar = opened.calendar and tickets.created_at = opened.instant
    inner join clock as latest
        on tickets.calendar = latest.calendar and tickets.told_at = latest.instant
    left join clock as replied
        on tickets.calendar = replied.calendar and tickets.first_replied_at = replied.instant
    left join clock as solved
        on tickets.calendar = solved.calendar and tickets.solved_at = solved.instant
),

-- An open ticket breaks a promise as soon as its hours are known to be used up; until then nothing
-- is decided, nor of one that was answered before it came: it does not wait.
judged as (
    select
        timed.*,
        case
            when not timed.tells_replies then null
            when timed.answer_business_hours <= targets.first_response_target then true
            when timed.is_replied_before then null
            when timed.answer_business_hours > targets.first_response_target then false
            when timed.is_solved_before then null
            when timed.business_hours_so_far > targets.first_response_target then false
        end as is_first_response_sla_met,
        case
            when timed.resolution_business_hours <= targets.resolution_target then true
            when timed.resolution_business_hours > targets.resolution_target then false
            when timed.is_solved_before then null
            when timed.business_hours_so_far > targets.resolution_target then false
        end as is_resolution_sla_met,
        targets.first_response_target is not null and timed.tells_replies
            as has_first_response_sla,
        targets.resolution_target is not null as has_resolution_sla
    from timed
    left join targets on {{ lowered('timed.priority') }} = targets.priority
),

-- A ticket keeps its SLA when it keeps every promise that its priority makes and that is known.
measured as (
    select
        ticket_key,
        customer_key,
        created_at,
        created_date,
        channel,
        priority,
        topic,
        assignee,
        team,
        country,
        first_replied_at,
        solved_at,
        is_solved_before,
        is_reopened,
        first_response_hours,
        first_response_business_hours,
        resolution_hours,
        resolution_business_hours,
        is_first_response_sla_met,
        is_resolution_sla_met,
        case
            when not is_first_response_sla_met or not is_resolution_sla_met then false
            when
                (has_first_response_sla or has_resolution_sla)
                and (is_first_response_sla_met or not has_first_response_sla)
                and (is_resolution_sla_met or not has_resolution_sla)
                then true
        end as is_sla_met
    from judged
)

select * from measured
