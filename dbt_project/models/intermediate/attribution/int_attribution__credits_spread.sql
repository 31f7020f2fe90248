-- What the touches of one traffic source get of a claim where touches share, in whole units as in
-- int_attribution__claims, every share cut towards zero. All of it is taken from the path's last
-- touch, which int_attribution__credits_placed gives the whole: so an amount adds up to itself, and
-- what cutting leaves over stays with the last touch.
{{ config(materialized=view_of_ctes()) }}
with claims as (
    select * from {{ ref('int_attribution__claims') }}
),

spread as (
    select
        claims.claim_key,
        claims.conversion_key,
        claims.is_reversal,
        claims.activity_date,
        claims.conversion_type,
        claims.is_new_customer,
        claims.is_margin_unknown,
        sources.traffic_source_key,
        sources.touches,
        sources.last_position,
        sources.time_decay_part,
        claims.last_source_key,
        claims.path_length
        {%- for model in sharing_models() -%}
            {%- for amount in attributed_amounts() %}
                ,
                {% if model == 'time_decay' -%}
                    {{ allocated_share(
                        'claims.' ~ amount,
                        'sources.time_decay_part',
                        'sources.time_decay_whole'
                    ) }}
                {%- else -%}
                    sources.touches
                    * {% if model == 'equal_channel' -%}
                        {{ even_share('claims.' ~ amount, 'sources.equal_channel_whole') }}
                    {%- elif model == 'markov' -%}
                        {{ allocated_share(
                            'claims.' ~ amount, 'sources.markov_part', 'sources.markov_whole'
                        ) }}
                    {%- else -%}
                        claims.{{ model }}_{{ amount }}_even
                    {%- endif %}
                {%- endif %} as {{ model }}_{{ amount }}
            {%- endfor -%}
        {%- endfor %}
    from {{ ref('int_attribution__sources_shared') }} as sources
    inner join claims on sources.conversion_key = claims.conversion_key
)

select * from spread
