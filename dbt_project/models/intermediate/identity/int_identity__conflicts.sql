-- What claims an identifier: for a browser, the people who identified on it; for an identifier of
-- people, several customers of one shop, or several e-mails or logins, behind it.
with resolved as (
    select
        identifier_key,
        kind,
        case when kind = 'customer' then entity_key end as customer_key,
        person_key
    from {{ ref('int_identity__identifiers_resolved') }}
),

neighbours as (
    select * from {{ ref('int_identity__neighbours') }}
),

customer_sources as (
    select
        customer_key,
        min(source_name) as source_name
    from {{ ref('int_identity__customer_references') }}
    where customer_reference_key = customer_key
    group by customer_key
),

links as (
    select
        identifier_key,
        kind,
        other_identifier_key,
        first_seen_at,
        is_cut
    from {{ ref('int_identity__links') }}
    union all
    select
        other_identifier_key as identifier_key,
        other_kind as kind,
        identifier_key as other_identifier_key,
        first_seen_at,
        is_cut
    from {{ ref('int_identity__links') }}
),

spans as (
    select
        identifier_key,
        min(first_seen_at) as first_claimed_at,
        max(first_seen_at) as last_claimed_at
    from links
    group by identifier_key
),

claimants as (
    select
        links.identifier_key,
        links.kind,
        ends.identifier_key as other_identifier_key,
        ends.kind as other_kind,
        ends.person_key as other_person_key,
        coalesce(customer_sources.source_name, '') as other_source
    from links
    inner join resolved as ends on links.other_identifier_key = ends.identifier_key
    left join customer_sources on ends.customer_key = customer_sources.customer_key
    where
        not links.is_cut
        and (links.kind = 'visitor' or ends.kind in ('customer', 'login', 'email'))
),

-- Contacts of one customer: the e-mails of the leads that are this customer.
contacts as (
    select
        customer_links.identifier_key,
        lead_links.other_identifier_key
    from links as customer_links
    inner join {{ ref('int_identity__links') }} as lead_links
        on customer_links.other_identifier_key = lead_links.identifier_key
    where
        customer_links.kind = 'customer'
        and lead_links.kind = 'lead'
        and lead_links.other_kind = 'email'
        and not customer_links.is_cut
        and not lead_links.is_cut
),

by_kind as (
    select
        identifier_key,
        case when kind = 'visitor' then 'person' else other_kind end as claimant_kind,
        case when kind = 'visitor' then '' else other_source end as other_source,
        case when kind = 'visitor' then other_person_key else other_identifier_key end
            as claimant_key
    from claimants
    union all
    select
        identifier_key,
        'email' as claimant_kind,
        '' as other_source,
        other_identifier_key as claimant_key
    from contacts
),

counted as (
    select
        identifier_key,
        claimant_kind,
        cast(count(distinct claimant_key) as bigint) as claimants
    from by_kind
    group by identifier_key, claimant_kind, other_source
),

contested as (
    select
        identifier_key,
        max(claimants) as claimants
    from counted
    where claimants > 1
    group by identifier_key
),

decided as (
    select
        neighbours.identifier_key,
        neighbours.kind,
        resolved.person_key,
        case
            when neighbours.is_cut then greatest(neighbours.people, neighbours.browsers)
            else contested.claimants
        end as claimants,
        case
            when neighbours.is_cut then 'cut'
            when neighbours.kind = 'visitor' then 'kept_apart'
            else 'merged'
        end as resolution,
        spans.first_claimed_at,
        spans.last_claimed_at
    from neighbours
    inner join resolved on neighbours.identifier_key = resolved.identifier_key
    inner join spans on neighbours.identifier_key = spans.identifier_key
    left join contested on neighbours.identifier_key = contested.identifier_key
    where neighbours.is_cut or contested.claimants > 1
)

select * from decided
