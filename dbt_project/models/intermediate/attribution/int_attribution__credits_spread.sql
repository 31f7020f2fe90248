-- What each touch of a path gets of a claim where touches share, in whole units as in
-- int_attribution__claims, every share cut towards zero. All of it is taken from the last touch,
-- which int_attribution__credits_placed gives the whole: so an amount adds up to itself, and what
-- cutting leaves over stays with the last touch.
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
        touches.traffic_source_key,
        touches.position,
        claims.last_source_key,
        claims.path_length
        {%- for model in sharing_models() -%}
            {%- for amount in attributed_amounts() %}
                ,
                {% if model == 'equal_channel' -%}
                    {{ even_share('claims.' ~ amount, 'touches.equal_channel_whole') }}
                        as {{ model }}_{{ amount }}
                {%- elif model in ('time_decay', 'markov') -%}
                    {{ allocated_share(
                        'claims.' ~ amount,
                        'touches.' ~ model ~ '_part',
                        'touches.' ~ model ~ '_whole'
                    ) }} as {{ model }}_{{ amount }}
                {%- else -%}
                    claims.{{ model }}_{{ amount }}_even as {{ model }}_{{ amount }}
                {%- endif %}
            {%- endfor -%}
        {%- endfor %}
    from {{ ref('int_attribution__touches_shared') }} as touches
    inner join claims on touches.conversion_key = claims.conversion_key
)

select * from spread
