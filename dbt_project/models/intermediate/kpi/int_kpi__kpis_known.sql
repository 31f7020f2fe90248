-- To which day a running period may be held against its target: of a ratio of sums, to the one that
-- both of its parts have reached. So far goes what such a ratio says of the period, also without a
-- target, where one of its parts has not come yet.
with targeted as (
    select distinct kpi_id from {{ ref('int_kpi__targets_in_force') }}
),

known as (
    select
        catalogue.kpi_id,
        catalogue.numerator,
        case when catalogue.is_additive then catalogue.denominator end as divisor,
        case
            when catalogue.is_additive and catalogue.denominator is not null
                then least(extents.known_until, divisor_extents.known_until)
            else extents.known_until
        end as known_until,
        targeted.kpi_id is not null as is_targeted
    from {{ ref('int_kpi__catalogue') }} as catalogue
    left join targeted on catalogue.kpi_id = targeted.kpi_id
    left join {{ ref('int_kpi__component_extents') }} as extents
        on catalogue.numerator = extents.component
    left join {{ ref('int_kpi__component_extents') }} as divisor_extents
        on catalogue.denominator = divisor_extents.component
)

select
    kpi_id,
    numerator,
    divisor,
    known_until
from known
where is_targeted or (divisor is not null and known_until < {{ as_of_date() }})
