-- Where the source keeps no stage history of a deal, and before that history begins, its delivered
-- versions are the history: a deal is in the first stage seen since its creation, in any later one
-- since the version that first says so, and in a closing one since it was closed. The instant of
-- closing that a deal in an open stage has is the day on which somebody expects it, unless the deal
-- is won. Until a day after the clock a deal is where it was: in its first stage, if nothing else
-- is known of it. A day passes between two deliveries, and a creation may be told by its day: who
-- is seen later than that may have been in other stages before.
with opportunities as (
    select
        opportunity_key,
        created_at
    from {{ ref('stg_crm__opportunities') }}
),

stages as (
    select
        opportunity_key,
        stage,
        position,
        is_closed,
        is_open
    from {{ ref('int_core__opportunity_stages') }}
),

given_entries as (
    select
        source_name,
        opportunity_key,
        stage,
        entered_at,
        entered_at as seen_at,
        false as is_observed
    from {{ ref('stg_crm__opportunity_stages') }}
),

given_histories as (
    select
        opportunity_key,
        min(entered_at) as begins_at
    from given_entries
    group by opportunity_key
),

versions as (
    select
        versions.source_name,
        versions.opportunity_key,
        versions.stage,
        versions.created_at,
        versions.closed_at,
        versions.is_won,
        versions.observed_at,
        given_histories.begins_at,
        lag(versions.stage) over (
            partition by versions.opportunity_key order by versions.observed_at nulls last
        ) as previous_stage
    from {{ ref('stg_crm__opportunity_versions') }} as versions
    left join given_histories on versions.opportunity_key = given_histories.opportunity_key
    where
        given_histories.opportunity_key is null
        or versions.observed_at < given_histories.begins_at
),

closings as (
    select
        versions.*,
        coalesce(stages.is_closed, false) as is_closed_stage,
        case
            when
                stages.is_closed
                or versions.is_won
                or (versions.closed_at is not null and not coalesce(stages.is_open, false))
                then coalesce(versions.closed_at, versions.observed_at)
        end as closing_at
    from versions
    left join stages
        on versions.opportunity_key = stages.opportunity_key and versions.stage = stages.stage
    where versions.stage is distinct from versions.previous_stage
),

observed_entries as (
    select
        source_name,
        opportunity_key,
        stage,
        case
            when closing_at <= {{ as_of() }} and (begins_at is null or closing_at < begins_at)
                then closing_at
            when previous_stage is null then created_at
            when is_closed_stage then closing_at
            else observed_at
        end as entered_at,
        observed_at as seen_at,
        true as is_observed
    from closings
    where begins_at is null or not is_closed_stage or closing_at < begins_at
),

entries as (
    select * from given_entries
    union all
    select * from observed_entries
),

-- Stages entered at one instant were passed in the order of the deal's pipeline.
ordered as (
    select
        entries.source_name,
        entries.opportunity_key,
        entries.stage,
        entries.entered_at,
        entries.is_observed,
        opportunities.created_at,
        min(entries.seen_at) over (partition by entries.opportunity_key) as first_seen_at,
        stages.position,
        row_number() over (
            partition by entries.opportunity_key
            order by
                entries.entered_at nulls last,
                stages.position nulls last,
                entries.stage nulls last
        ) as row_position
    from entries
    inner join opportunities on entries.opportunity_key = opportunities.opportunity_key
    left join stages
        on entries.opportunity_key = stages.opportunity_key and entries.stage = stages.stage
),

compared as (
    select
        *,
        lag(stage) over (partition by opportunity_key order by row_position nulls last)
            as previous_stage
    from ordered
),

moves as (
    select
        source_name,
        opportunity_key,
        cast(
            row_number() over (partition by opportunity_key order by row_position nulls last)
            as bigint
        ) as entry_number,
        stage,
        position,
        entered_at,
        is_observed,
        coalesce(
            {{ dbt.datediff(
                business_date('created_at'), business_date('first_seen_at'), 'day'
            ) }} > 1,
            false
        ) as has_unknown_past
    from compared
    where stage is distinct from previous_stage
)

select * from moves
