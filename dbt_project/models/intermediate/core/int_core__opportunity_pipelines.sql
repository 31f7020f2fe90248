-- The same word may stand for a stage of several pipelines: a deal is in the one that has most of
-- the stages it was in.
with mentions as (
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

stages as (
    select
        source_name,
        pipeline,
        stage
    from {{ ref('stg_crm__stages') }}
),

counted as (
    select
        mentions.opportunity_key,
        stages.pipeline,
        count(*) as stage_count
    from mentions
    inner join stages on mentions.source_name = stages.source_name and mentions.stage = stages.stage
    group by mentions.opportunity_key, stages.pipeline
),

pipelines as (
    select
        opportunity_key,
        pipeline
    from counted
    qualify
        row_number() over (
            partition by opportunity_key
            order by stage_count desc nulls last, pipeline asc nulls last
        ) = 1
)

select * from pipelines
