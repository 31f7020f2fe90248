-- A stage's place is that in the deal's pipeline. The place that a stage of another one has there
-- says nothing of what was skipped or whether a deal went back.
with entries as (
    select
        source_name,
        opportunity_key,
        entry_number,
        stage,
        entered_at,
        has_unknown_past
    from {{ ref('int_core__opportunity_stage_entries') }}
),

stages as (
    select
        source_name,
        pipeline,
        stage,
        position,
        coalesce(is_closed, false) as is_closed
    from {{ ref('stg_crm__stages') }}
),

opportunities as (
    select
        opportunity_key,
        is_won,
        closed_at
    from {{ ref('int_core__opportunity_closings') }}
),

described as (
    select
        entries.source_name,
        entries.opportunity_key,
        entries.entry_number,
        entries.stage,
        entries.entered_at,
        entries.has_unknown_past,
        deal_stages.pipeline,
        deal_stages.position,
        case when deal_stages.is_of_other_pipeline then null else deal_stages.position end as place,
        coalesce(deal_stages.is_closed, false) as is_closed_stage,
        coalesce(deal_stages.is_won, false) as is_won_stage,
        deal_stages.probability,
        opportunities.is_won as is_deal_won,
        opportunities.closed_at
    from entries
    inner join opportunities on entries.opportunity_key = opportunities.opportunity_key
    left join {{ ref('int_core__opportunity_stages') }} as deal_stages
        on
            entries.opportunity_key = deal_stages.opportunity_key
            and entries.stage = deal_stages.stage
),

ordered as (
    select
        *,
        coalesce(
            max(case when not is_closed_stage then entry_number end) over (
                partition by opportunity_key
            ),
            0
        ) as last_open_entry,
        last_value(is_won_stage) over (
            partition by opportunity_key
            order by entry_number nulls last
            rows between unbounded preceding and unbounded following
        ) as is_won_at_last
    from described
),

outcomes as (
    select
        *,
        coalesce(
            max(case when is_won_stage <> is_won_at_last then entry_number end) over (
                partition by opportunity_key
            ),
            0
        ) as last_other_outcome
    from ordered
),

-- The deal's day of closing counts, whatever day its history has: no stage is entered after it, and
-- the closing ones that end the history are entered then, but not one of another outcome, such as
-- the win of a deal that was lost later. Where that day is after the clock and nothing else is
-- known of the deal, it is open in its closing stage until then.
placed as (
    select
        source_name,
        opportunity_key,
        entry_number,
        stage,
        has_unknown_past,
        pipeline,
        position,
        place,
        is_won_stage,
        probability,
        is_deal_won,
        closed_at,
        is_closed_stage
        and not (last_open_entry = 0 and coalesce(closed_at > {{ as_of() }}, false))
            as is_closed_stage,
        case
            when closed_at is null then entered_at
            when last_open_entry = 0 and entry_number = 1 and closed_at > {{ as_of() }}
                then entered_at
            when entry_number > greatest(last_open_entry, last_other_outcome) then closed_at
            else least(entered_at, closed_at)
        end as entered_at
    from outcomes
),

entered as (
    select * from placed
    where entered_at <= {{ as_of() }}
),

{% set in_order -%}
    over (partition by opportunity_key order by entry_number nulls last)
{%- endset %}
neighbours as (
    select
        *,
        row_number() over (
            partition by opportunity_key, stage order by entry_number nulls last
        ) as stage_visit_number,
        lag(place) {{ in_order }} as previous_place,
        lag(is_closed_stage) {{ in_order }} as is_previous_closed,
        max(case when place is not null and not is_closed_stage then entry_number end) over (
            partition by opportunity_key
            order by entry_number nulls last
            rows between unbounded preceding and 1 preceding
        ) as last_placed_entry,
        lead(entered_at) {{ in_order }} as next_entered_at,
        lead(place) {{ in_order }} as next_place,
        lead(is_closed_stage) {{ in_order }} as is_next_closed,
        lead(is_won_stage) {{ in_order }} as is_next_won
    from entered
),

-- Open stages that the deal was never in before, between this one and the last open one whose place
-- is known: on the way through a stage without a place none is passed again. A deal may be lost
-- from anywhere, so that going there skips nothing.
skipped as (
    select
        neighbours.opportunity_key,
        neighbours.entry_number,
        count(*) as skipped_stages
    from neighbours
    inner join stages as passed
        on
            neighbours.source_name = passed.source_name
            and neighbours.pipeline = passed.pipeline
            and neighbours.place > passed.position
    left join neighbours as departed
        on
            neighbours.opportunity_key = departed.opportunity_key
            and neighbours.last_placed_entry = departed.entry_number
    left join neighbours as earlier
        on
            neighbours.opportunity_key = earlier.opportunity_key
            and passed.stage = earlier.stage
            and neighbours.entry_number > earlier.entry_number
    where
        not passed.is_closed
        and coalesce(departed.place, 0) < passed.position
        and earlier.opportunity_key is null
        and (neighbours.is_won_stage or not neighbours.is_closed_stage)
        and not coalesce(neighbours.is_previous_closed, false)
    group by neighbours.opportunity_key, neighbours.entry_number
),

-- A deal that the source closed without a closing stage leaves its last one then. What one that was
-- first seen late went past until then is unknown.
ended as (
    select
        neighbours.*,
        case
            when
                neighbours.has_unknown_past
                and neighbours.last_placed_entry is null
                and skipped.skipped_stages > 0
                then null
            else coalesce(skipped.skipped_stages, 0)
        end as skipped_stages,
        neighbours.next_entered_at is null
        and not neighbours.is_closed_stage
        and coalesce(neighbours.closed_at <= {{ as_of() }}, false) as is_closed_without_stage,
        case
            when neighbours.next_entered_at is not null then neighbours.next_entered_at
            when not neighbours.is_closed_stage and neighbours.closed_at <= {{ as_of() }}
                then neighbours.closed_at
        end as exited_at
    from neighbours
    left join skipped
        on
            neighbours.opportunity_key = skipped.opportunity_key
            and neighbours.entry_number = skipped.entry_number
),

visits as (
    select
        opportunity_key,
        cast(entry_number as bigint) as visit_number,
        pipeline,
        stage,
        position,
        probability,
        cast(stage_visit_number as bigint) as stage_visit_number,
        is_closed_stage,
        is_won_stage,
        entered_at,
        {{ business_date('entered_at') }} as entered_date,
        exited_at,
        {{ business_date('exited_at') }} as exited_date,
        cast({{ seconds_between('entered_at', 'exited_at') }} / 3600 as double) as hours,
        cast(skipped_stages as bigint) as skipped_stages,
        skipped_stages > 0 as is_skip,
        coalesce(is_previous_closed, false) and not is_closed_stage as is_reopen,
        coalesce(
            place < previous_place and not is_previous_closed and not is_closed_stage, false
        ) as is_backward,
        case
            when is_closed_without_stage and is_deal_won then 'won'
            when is_closed_without_stage then 'lost'
            when next_entered_at is null and not is_closed_stage then 'open'
            when next_entered_at is null and is_won_stage then 'won'
            when next_entered_at is null then 'lost'
            when is_next_closed and is_next_won then 'won'
            when is_next_closed then 'lost'
            when is_closed_stage then 'reopened'
            when next_place < place then 'moved_back'
            else 'advanced'
        end as outcome
    from ended
)

select * from visits
