-- What a stage means to a deal: the same word may end one pipeline and not another. Of a stage that
-- the deal's pipeline does not have, the others say whether it closes a deal, and the only one that
-- has it what a deal is worth there.
with stages as (
    select
        source_name,
        pipeline,
        stage,
        position,
        coalesce(is_closed, false) as is_closed,
        coalesce(is_won, false) as is_won,
        coalesce(not is_closed, false) as is_open,
        probability
    from {{ ref('stg_crm__stages') }}
),

anywhere as (
    select
        source_name,
        stage,
        case when count(*) = 1 then max(position) end as position,
        case when count(*) = 1 then max(probability) end as probability,
        max(case when is_closed then 1 else 0 end) = 1 as is_closed,
        max(case when is_won then 1 else 0 end) = 1 as is_won,
        min(case when is_open then 1 else 0 end) = 1 as is_open
    from stages
    group by source_name, stage
),

all_mentions as (
    select
        source_name,
        opportunity_key,
        stage
    from {{ ref('stg_crm__opportunity_stages') }}
    union
    select
        source_name,
        opportunity_key,
        stage
    from {{ ref('stg_crm__opportunity_versions') }}
),

mentions as (
    select * from all_mentions
    where stage is not null
),

placed as (
    select
        mentions.opportunity_key,
        mentions.stage,
        pipelines.pipeline,
        coalesce(stages.position, anywhere.position) as position,
        coalesce(stages.probability, anywhere.probability) as probability,
        stages.stage is null and anywhere.stage is not null as is_of_other_pipeline,
        coalesce(stages.is_closed, anywhere.is_closed, false) as is_closed,
        coalesce(stages.is_won, anywhere.is_won, false) as is_won,
        coalesce(stages.is_open, anywhere.is_open, false) as is_open
    from mentions
    left join {{ ref('int_core__opportunity_pipelines') }} as pipelines
        on mentions.opportunity_key = pipelines.opportunity_key
    left join stages
        on
            mentions.source_name = stages.source_name
            and pipelines.pipeline = stages.pipeline
            and mentions.stage = stages.stage
    left join anywhere
        on mentions.source_name = anywhere.source_name and mentions.stage = anywhere.stage
)

select * from placed
