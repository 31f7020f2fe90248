with catalogue as (
    select * from {{ ref('int_kpi__catalogue') }}
),

flags as (
    select * from {{ ref('int_kpi__flags') }}
),

defined as (
    select
        catalogue.kpi_id,
        catalogue.name_en,
        catalogue.name_fr,
        catalogue.description_en,
        catalogue.description_fr,
        catalogue.objective_id,
        catalogue.objective_en,
        catalogue.objective_fr,
        catalogue.objective_owner,
        catalogue.owner,
        catalogue.numerator,
        catalogue.denominator,
        catalogue.scale,
        catalogue.unit,
        catalogue.direction,
        substring(catalogue.grains, 2, length(catalogue.grains) - 2) as grains,
        substring(catalogue.dimensions, 2, length(catalogue.dimensions) - 2) as dimensions,
        catalogue.is_additive,
        catalogue.warn_at,
        catalogue.alert_at,
        catalogue.min_sample,
        catalogue.is_selected,
        flags.is_measurable,
        flags.last_measured_period,
        flags.missing_numerator,
        flags.missing_denominator,
        flags.has_objective,
        flags.targets,
        flags.unrealistic_targets,
        flags.is_target_realistic,
        flags.unrealistic_grain,
        flags.unrealistic_period_start,
        flags.unrealistic_dimension,
        flags.unrealistic_segment,
        flags.unrealistic_target,
        flags.realistic_low,
        flags.realistic_high,
        flags.lost_targets,
        flags.lost_reason,
        flags.lost_grain,
        flags.lost_period_start,
        flags.lost_dimension,
        flags.lost_segment
    from catalogue
    inner join flags on catalogue.kpi_id = flags.kpi_id
)

select * from defined
