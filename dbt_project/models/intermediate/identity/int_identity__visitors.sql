with identifiers as (
    select
        identifier_key,
        kind,
        entity_key,
        person_key
    from {{ ref('int_identity__identifiers_resolved') }}
),

people as (
    select
        person_key,
        customer_key
    from {{ ref('int_identity__people') }}
),

linked as (
    select
        links.identifier_key,
        links.first_seen_at,
        ends.kind,
        ends.entity_key,
        ends.person_key
    from {{ ref('int_identity__links') }} as links
    inner join identifiers as ends on links.other_identifier_key = ends.identifier_key
    where links.kind = 'visitor' and not links.is_cut
),

-- A person may be customer of two shops: a browser is that customer's who used it first.
own_customers as (
    select
        linked.identifier_key,
        linked.entity_key as customer_key
    from linked
    inner join identifiers
        on
            linked.identifier_key = identifiers.identifier_key
            and linked.person_key = identifiers.person_key
    where linked.kind = 'customer'
    qualify
        row_number() over (
            partition by linked.identifier_key
            order by linked.first_seen_at nulls last, linked.entity_key nulls last
        ) = 1
),

visitor_people as (
    select
        identifiers.entity_key as visitor_key,
        coalesce(own_customers.customer_key, people.customer_key) as customer_key,
        identifiers.person_key
    from identifiers
    inner join people on identifiers.person_key = people.person_key
    left join own_customers on identifiers.identifier_key = own_customers.identifier_key
    where identifiers.kind = 'visitor'
)

select * from visitor_people
