with rep_references as (
    select
        rep_key,
        min(rep_id) as rep_id,
        min(source_name) as source_name
    from {{ ref('int_core__rep_references') }}
    group by rep_key
),

-- Two systems may give two people the same id.
labelled as (
    select
        rep_key,
        case
            when count(*) over (partition by rep_id) = 1 then rep_id
            else source_name || ':' || rep_id
        end as rep
    from rep_references
)

select * from labelled
