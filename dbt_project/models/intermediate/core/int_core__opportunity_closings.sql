-- The source's own verdict wins; where it gives none, the stage decides. In an open stage only a
-- win is a verdict, since a CRM that keeps it as a plain flag says of every open deal that it is
-- not won; without a win the instant of closing is the day that somebody expects. A deal that is
-- over without such an instant closed when its history ends with a closing stage, else when a
-- version of its row first said what the latest does.
with stages as (
    select
        opportunity_key,
        stage,
        is_closed,
        is_won,
        is_open
    from {{ ref('int_core__opportunity_stages') }}
),

opportunities as (
    select
        opportunities.opportunity_key,
        opportunities.closed_at,
        coalesce(opportunities.is_won, stages.is_won, false) as is_won,
        coalesce(opportunities.is_won, false) or coalesce(stages.is_closed, false) as is_over,
        not coalesce(opportunities.is_won, false) and coalesce(stages.is_open, false) as is_open
    from {{ ref('stg_crm__opportunities') }} as opportunities
    left join stages
        on
            opportunities.opportunity_key = stages.opportunity_key
            and opportunities.stage = stages.stage
),

last_entries as (
    select
        entries.opportunity_key,
        case when stages.is_closed and not entries.is_observed then entries.entered_at end
            as closed_at
    from {{ ref('int_core__opportunity_stage_entries') }} as entries
    inner join stages
        on entries.opportunity_key = stages.opportunity_key and entries.stage = stages.stage
    qualify
        row_number() over (
            partition by entries.opportunity_key order by entries.entry_number desc nulls last
        ) = 1
),

versions as (
    select
        versions.opportunity_key,
        versions.observed_at,
        (coalesce(versions.is_won, false) or coalesce(stages.is_closed, false))
        and coalesce(versions.is_won, stages.is_won, false) = opportunities.is_won as says_so
    from {{ ref('stg_crm__opportunity_versions') }} as versions
    inner join opportunities on versions.opportunity_key = opportunities.opportunity_key
    left join stages
        on versions.opportunity_key = stages.opportunity_key and versions.stage = stages.stage
    where opportunities.is_over and opportunities.closed_at is null
),

-- A file that came late, and does not say when its rows were changed, is dated by its load: what it
-- says after the last version that says so is older, and no other verdict.
last_said as (
    select
        *,
        max(case when says_so then observed_at end) over (partition by opportunity_key)
            as last_said_at
    from versions
),

compared as (
    select
        *,
        max(case when not says_so and observed_at < last_said_at then observed_at end) over (
            partition by opportunity_key
        ) as said_otherwise_at
    from last_said
),

first_said as (
    select
        opportunity_key,
        min(observed_at) as closed_at
    from compared
    where says_so and (said_otherwise_at is null or said_otherwise_at < observed_at)
    group by opportunity_key
),

closings as (
    select
        opportunities.opportunity_key,
        opportunities.is_won,
        case
            when opportunities.is_open then null
            when opportunities.is_over
                then coalesce(
                    opportunities.closed_at, last_entries.closed_at, first_said.closed_at
                )
            else opportunities.closed_at
        end as closed_at
    from opportunities
    left join last_entries on opportunities.opportunity_key = last_entries.opportunity_key
    left join first_said on opportunities.opportunity_key = first_said.opportunity_key
)

select
    opportunity_key,
    is_won and closed_at is not null as is_won,
    closed_at
from closings
