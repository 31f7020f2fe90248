-- Each day's first entry of whoever enters. It is the entry of every longer period in which no
-- earlier one lies: `previous_entry_date` tells which those are.
with steps as (
    select
        funnel,
        entity_type
    from {{ ref('int_funnel__steps') }}
    where step_number = 1
),

entry_events as (
    select
        step_events.funnel,
        steps.entity_type,
        step_events.entity_key,
        step_events.context_key,
        case when steps.entity_type = 'person' then step_events.context_key end as session_key,
        step_events.occurred_at as entered_at,
        {{ counted_date(business_date('step_events.occurred_at')) }} as entry_date
    from {{ ref('int_funnel__step_events') }} as step_events
    inner join steps on step_events.funnel = steps.funnel
    where step_events.step_number = 1
),

followed as (
    select
        *,
        lag(entry_date) over (
            partition by funnel, entity_key
            order by entry_date nulls last, entered_at nulls last, context_key nulls last
        ) as previous_entry_date
    from entry_events
),

first_of_day as (
    select * from followed
    where previous_entry_date is null or previous_entry_date < entry_date
),

entries as (
    select
        {{ integer_key([
            'first_of_day.funnel',
            'first_of_day.entity_key',
            'first_of_day.entry_date',
        ]) }} as entry_key,
        first_of_day.funnel,
        first_of_day.entity_type,
        first_of_day.entity_key,
        first_of_day.entered_at,
        first_of_day.entry_date,
        first_of_day.previous_entry_date,
        coalesce(visits.channel, sales.channel) as channel,
        coalesce(visits.campaign, sales.campaign) as campaign,
        visits.device,
        coalesce(visits.country, sales.country) as country,
        coalesce(visits.segment, sales.segment) as segment,
        visits.visitor_type,
        sales.product,
        sales.lead_source,
        sales.rep,
        sales.team
    from first_of_day
    left join {{ ref('int_funnel__visit_segments') }} as visits
        on first_of_day.session_key = visits.session_key
    left join {{ ref('int_funnel__sales_segments') }} as sales
        on
            first_of_day.entity_type = sales.entity_type
            and first_of_day.entity_key = sales.entity_key
)

select * from entries
