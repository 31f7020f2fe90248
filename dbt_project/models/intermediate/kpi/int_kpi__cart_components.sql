-- Carts by the day they were opened; one that a later visit orders was abandoned all the same.
{%- set dimensions = ['country', 'segment', 'channel', 'campaign', 'device'] %}
with carts as (
    select
        opened_date as activity_date,
        {% for dimension in dimensions %}
            {{ segment_of(dimension) }} as {{ dimension }},
        {% endfor %}
        count(*) as carts,
        sum(case when outcome = 'ordered' then 0 else 1 end) as abandoned_carts
    from {{ ref('int_funnel__carts_described') }}
    group by
        {% for dimension in dimensions %}
            {{ segment_of(dimension) }},
        {% endfor %}
        opened_date
),

summed as (
    {{ sums_by_dimension('carts', ['activity_date'], dimensions, ['carts', 'abandoned_carts']) }}
),

daily as (
    {{ daily_components('summed', {
        'carts': ['carts', 'carts'],
        'abandoned_carts': ['abandoned_carts', 'carts'],
    }, "'web_events'", once={'abandoned_carts': 'carts - abandoned_carts'}) }}
)

select * from daily
