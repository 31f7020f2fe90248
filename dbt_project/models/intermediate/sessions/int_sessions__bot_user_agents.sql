-- Patterns run over the distinct user agents, never over the events.
with observed as (
    select distinct user_agent
    from {{ ref('stg_web__events') }}
    where user_agent is not null
),

patterns as (
    select user_agent_pattern
    from {{ ref('bot_user_agents') }}
),

bots as (
    select distinct observed.user_agent
    from observed
    inner join patterns on {{ full_match('observed.user_agent', 'patterns.user_agent_pattern') }}
)

select * from bots
