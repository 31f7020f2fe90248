-- The part of each traffic source of a path, of a whole, under the models that weigh touches by
-- their age or channel: a path has fewer sources than touches. What a channel gets is given for one
-- of its touches: all of them have the same. Sums over a path are windows, not joins: cheaper where
-- the paths do not fit into memory.
{{ config(materialized=view_of_ctes()) }}
{%- set has_markov = 'markov' in attribution_models() %}
with weighed as (
    select
        conversion_key,
        traffic_source_key,
        position,
        decay_weight
    from {{ ref('int_attribution__touches_weighed') }}
),

-- Each channel is a bit of a whole number: a path's channels are counted without one more window.
sources as (
    select
        traffic_sources.traffic_source_key,
        channels.channel_number,
        cast(power(2, channels.channel_number) as bigint) as channel_bit
    from {{ ref('int_attribution__traffic_sources') }} as traffic_sources
    inner join {{ ref('int_attribution__channels') }} as channels
        on traffic_sources.channel = channels.channel
),

summed as (
    select
        conversion_key,
        traffic_source_key,
        count(*) as touches,
        max(position) as last_position,
        cast(sum(decay_weight) as bigint) as decay_weight
    from weighed
    group by conversion_key, traffic_source_key
),

{% if has_markov -%}
    conversions as (
        select
            conversion_key,
            cast({{ dbt.date_trunc('month', 'converted_date') }} as date) as period_start
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
{%- endif %}

path_sources as (
    select
        summed.*,
        sources.channel_number,
        sources.channel_bit
        {%- if has_markov %}
            ,
            coalesce(weights.weight, 0) as weight
        {%- endif %}
    from summed
    inner join sources on summed.traffic_source_key = sources.traffic_source_key
    {% if has_markov -%}
        inner join conversions on summed.conversion_key = conversions.conversion_key
        left join weights
            on
                conversions.period_start = weights.period_start
                and sources.channel_number = weights.channel_number
    {%- endif %}
),

-- Sources of one channel are peers.
in_channels as (
    select
        *,
        sum(decay_weight) over (partition by conversion_key) as decay_whole,
        sum(touches) over (
            partition by conversion_key order by channel_number nulls last
            range between current row and current row
        ) as channel_touches,
        bit_count(bit_or(channel_bit) over (partition by conversion_key)) as channel_count
        {%- if has_markov %}
            ,
            coalesce(
                lag(channel_number) over (
                    partition by conversion_key order by channel_number nulls last
                ) <> channel_number,
                true
            ) as is_first_of_channel
        {%- endif %}
    from path_sources
),

{% if has_markov -%}
    weight_sums as (
        select
            *,
            sum(case when is_first_of_channel then weight else 0 end)
                over (partition by conversion_key) as weight_sum
        from in_channels
    ),
{%- endif %}

-- A month whose weights know none of a path's channels leaves them equal.
parts as (
    select
        conversion_key,
        traffic_source_key,
        touches,
        last_position,
        decay_weight as time_decay_part,
        cast(decay_whole as bigint) as time_decay_whole,
        cast(channel_count * channel_touches as bigint) as equal_channel_whole
        {%- if has_markov %}
            ,
            cast(case when weight_sum > 0 then weight else 1 end as bigint) as markov_part,
            cast(
                case when weight_sum > 0 then weight_sum else channel_count end * channel_touches
                as bigint
            ) as markov_whole
        {%- endif %}
    from {{ 'weight_sums' if has_markov else 'in_channels' }}
)

select * from parts
