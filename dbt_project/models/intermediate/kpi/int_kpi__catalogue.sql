with catalogue as (
    select
        *,
        nullif({{ trimmed('denominator') }}, '') as divisor
    from {{ ref('kpi_catalogue') }}
),

described as (
    select
        catalogue.kpi_id,
        catalogue.objective_id,
        objectives.name_en as objective_en,
        objectives.name_fr as objective_fr,
        objectives.owner as objective_owner,
        catalogue.name_en,
        catalogue.name_fr,
        catalogue.description_en,
        catalogue.description_fr,
        catalogue.numerator,
        catalogue.divisor as denominator,
        cast(catalogue.scale as double) as scale,
        catalogue.unit,
        catalogue.direction,
        -- Bars on both ends, so that one name never matches inside another.
        '|' || catalogue.grains || '|' as grains,
        '|' || catalogue.dimensions || '|' as dimensions,
        cast(catalogue.warn_at as double) as warn_at,
        cast(catalogue.alert_at as double) as alert_at,
        catalogue.min_sample,
        catalogue.is_selected,
        catalogue.owner,
        catalogue.numerator in ({{ components_having('adds_up') }})
        and (
            catalogue.divisor is null
            or catalogue.divisor in ({{ components_having('adds_up') }})
        ) as is_additive
    from catalogue
    left join {{ ref('objectives') }} as objectives
        on catalogue.objective_id = objectives.objective_id
)

select * from described
