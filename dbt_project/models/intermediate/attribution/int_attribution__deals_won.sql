-- A deal that counts as won converts when it was closed. One that was won and lost afterwards
-- converted when it was won, and takes its revenue back when it left that stage. One that is to be
-- won on a day to come is not won by the stage that it waits in.
with opportunities as (
    select
        opportunity_key,
        closed_at,
        is_won,
        coalesce(closed_at > {{ as_of() }}, false) as is_to_come
    from {{ ref('int_core__opportunity_closings') }}
),

won_stages as (
    select
        opportunity_key,
        stage
    from {{ ref('int_core__opportunity_stages') }}
    where is_won
),

entries as (
    select
        entries.opportunity_key,
        entries.entry_number,
        entries.entered_at,
        won_stages.stage is not null as is_won_stage
    from {{ ref('int_core__opportunity_stage_entries') }} as entries
    left join won_stages
        on
            entries.opportunity_key = won_stages.opportunity_key
            and entries.stage = won_stages.stage
),

last_wins as (
    select
        opportunity_key,
        max(entry_number) as entry_number,
        max(entered_at) as won_at
    from entries
    where is_won_stage
    group by opportunity_key
),

losses as (
    select
        last_wins.opportunity_key,
        min(entries.entered_at) as left_at
    from last_wins
    inner join entries
        on
            last_wins.opportunity_key = entries.opportunity_key
            and last_wins.entry_number < entries.entry_number
    group by last_wins.opportunity_key
),

won as (
    select
        opportunity_key,
        closed_at as won_at,
        cast(null as timestamp) as reversed_at
    from opportunities
    where is_won and not is_to_come

    union all

    -- Without a stage after the won one, the deal's own instant of closing says when it was lost.
    select
        opportunities.opportunity_key,
        last_wins.won_at,
        greatest(
            coalesce(losses.left_at, opportunities.closed_at, last_wins.won_at), last_wins.won_at
        ) as reversed_at
    from opportunities
    inner join last_wins on opportunities.opportunity_key = last_wins.opportunity_key
    left join losses on opportunities.opportunity_key = losses.opportunity_key
    where
        (not opportunities.is_won and not opportunities.is_to_come)
        or (opportunities.is_to_come and losses.left_at is not null)
)

select * from won
