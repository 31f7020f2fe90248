-- The part of each touch, of a whole, under the models that weigh it by its age or its channel.
-- Whatever the number of its touches, a channel's part is cut evenly among them.
{{ config(materialized=view_of_ctes()) }}
{%- set has_markov = 'markov' in attribution_models() %}
with weighed as (
    select * from {{ ref('int_attribution__touches_weighed') }}
),

path_channels as (
    select
        conversion_key,
        channel_number,
        cast(count(*) as bigint) as channel_touches,
        cast(sum(decay_weight) as bigint) as decay_weight
    from weighed
    group by conversion_key, channel_number
),

{% if has_markov -%}
    conversions as (
        select
            conversion_key,
            converted_date
        from {{ ref('int_attribution__conversions') }}
    ),

    weights as (
        select
            channel_weights.period_start,
            channels.channel_number,
            channel_weights.weight
        from {{ ref('int_attribution__channel_weights') }} as channel_weights
        inner join {{ ref('int_attribution__channels') }} as channels
            on channel_weights.channel = channels.channel
        where channel_weights.model = 'markov'
    ),

    path_weights as (
        select
            path_channels.conversion_key,
            path_channels.channel_number,
            path_channels.channel_touches,
            path_channels.decay_weight,
            coalesce(weights.weight, 0) as weight
        from path_channels
        inner join conversions on path_channels.conversion_key = conversions.conversion_key
        left join weights
            on
                cast({{ dbt.date_trunc('month', 'conversions.converted_date') }} as date)
                = weights.period_start
                and path_channels.channel_number = weights.channel_number
    ),

    -- A month whose weights know none of a path's channels leaves them equal.
    path_wholes as (
        select
            conversion_key,
            cast(count(*) as bigint) as channel_count,
            cast(sum(decay_weight) as bigint) as decay_whole,
            case when max(weight) > 0 then 0 else 1 end as weight_of_each,
            cast(
                case when max(weight) > 0 then sum(weight) else count(*) end as bigint
            ) as weight_whole
        from path_weights
        group by conversion_key
    ),
{%- else -%}
    path_weights as (
        select * from path_channels
    ),

    path_wholes as (
        select
            conversion_key,
            cast(count(*) as bigint) as channel_count,
            cast(sum(decay_weight) as bigint) as decay_whole
        from path_channels
        group by conversion_key
    ),
{%- endif %}

shared as (
    select
        path_weights.conversion_key,
        path_weights.channel_number,
        path_wholes.decay_whole,
        path_wholes.channel_count * path_weights.channel_touches as equal_channel_whole
        {%- if has_markov %}
            ,
            path_wholes.weight_whole * path_weights.channel_touches as markov_whole,
            cast(path_weights.weight + path_wholes.weight_of_each as bigint) as markov_part
        {%- endif %}
    from path_weights
    inner join path_wholes on path_weights.conversion_key = path_wholes.conversion_key
),

parts as (
    select
        weighed.conversion_key,
        weighed.traffic_source_key,
        weighed.position,
        weighed.decay_weight as time_decay_part,
        shared.decay_whole as time_decay_whole,
        shared.equal_channel_whole
        {%- if has_markov %}
            ,
            shared.markov_part,
            shared.markov_whole
        {%- endif %}
    from weighed
    inner join shared
        on
            weighed.conversion_key = shared.conversion_key
            and weighed.channel_number = shared.channel_number
)

select * from parts
