-- Whose cart is filled in a visit: a person's, or the visit's own where nobody knows whose it was.
{{ config(materialized=view_of_ctes()) }}
with owners as (
    select
        sessions.session_key,
        coalesce(people.person_key, sessions.session_key) as owner_key,
        sessions.ended_at
    from {{ ref('int_sessions__sessions_counted') }} as sessions
    left join {{ ref('int_identity__visitors') }} as people
        on sessions.visitor_key = people.visitor_key
)

select * from owners
