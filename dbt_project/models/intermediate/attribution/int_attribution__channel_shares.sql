-- How a conversion is shared out among the channels of its path, whatever the number of touches:
-- the part of a channel is cut evenly among its touches. Channels lie side by side in the order in
-- which they first appear, so that what they are called does not matter.
with paths as (
    select
        conversion_key,
        traffic_source_key,
        position
    from {{ ref('int_attribution__paths') }}
),

channels as (
    select
        channel,
        row_number() over (order by channel nulls last) as channel_number
    from {{ ref('int_attribution__channels') }}
),

sources as (
    select
        traffic_sources.traffic_source_key,
        channels.channel_number
    from {{ ref('int_attribution__traffic_sources') }} as traffic_sources
    inner join channels on traffic_sources.channel = channels.channel
),

touches as (
    select
        paths.conversion_key,
        paths.position,
        sources.channel_number
    from paths
    inner join sources on paths.traffic_source_key = sources.traffic_source_key
),

path_channels as (
    select
        conversion_key,
        channel_number,
        min(position) as first_position,
        count(*) as channel_touches
    from touches
    group by conversion_key, channel_number
),

{% if 'markov' in attribution_models() -%}
    -- A month whose weights know none of a path's channels leaves them equal.
    weights as (
        select
            conversions.conversion_key,
            channels.channel_number,
            channel_weights.weight
        from {{ ref('int_attribution__conversions') }} as conversions
        inner join {{ ref('int_attribution__channel_weights') }} as channel_weights
            on
                cast({{ dbt.date_trunc('month', 'conversions.converted_date') }} as date)
                = channel_weights.period_start
        inner join channels on channel_weights.channel = channels.channel
        where channel_weights.model = 'markov'
    ),

    weighed as (
        select
            path_channels.*,
            case
                when
                    sum(weights.weight) over (partition by path_channels.conversion_key) > 0
                    then coalesce(weights.weight, 0)
                else 1
            end as weight
        from path_channels
        left join weights
            on
                path_channels.conversion_key = weights.conversion_key
                and path_channels.channel_number = weights.channel_number
    ),
{%- else -%}
    weighed as (
        select
            *,
            1 as weight
        from path_channels
    ),
{%- endif %}

ranked as (
    select
        conversion_key,
        channel_number,
        channel_touches,
        weight,
        row_number() over (
            partition by conversion_key order by first_position nulls last
        ) as channel_rank,
        count(*) over (partition by conversion_key) as channel_count,
        sum(weight) over (
            partition by conversion_key
            order by first_position nulls last
            rows between unbounded preceding and current row
        ) as weight_through,
        sum(weight) over (partition by conversion_key) as weight_whole
    from weighed
),

numbered as (
    select
        conversion_key,
        position,
        channel_number,
        row_number() over (
            partition by conversion_key, channel_number order by position nulls last
        ) as channel_touch
    from touches
),

shares as (
    select
        numbered.conversion_key,
        numbered.position,
        (ranked.channel_rank - 1) * ranked.channel_touches + numbered.channel_touch - 1
            as equal_channel_before,
        (ranked.channel_rank - 1) * ranked.channel_touches + numbered.channel_touch
            as equal_channel_through,
        ranked.channel_count * ranked.channel_touches as equal_channel_whole,
        cast(
            (ranked.weight_through - ranked.weight) * ranked.channel_touches
            + ranked.weight * (numbered.channel_touch - 1) as bigint
        ) as markov_before,
        cast(
            (ranked.weight_through - ranked.weight) * ranked.channel_touches
            + ranked.weight * numbered.channel_touch as bigint
        ) as markov_through,
        cast(ranked.weight_whole * ranked.channel_touches as bigint) as markov_whole
    from numbered
    inner join ranked
        on
            numbered.conversion_key = ranked.conversion_key
            and numbered.channel_number = ranked.channel_number
)

select * from shares
