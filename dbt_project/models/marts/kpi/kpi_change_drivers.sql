with effects as (
    select * from {{ ref('int_kpi__change_effects') }}
),

catalogue as (
    select
        kpi_id,
        name_en,
        name_fr,
        unit,
        direction
    from {{ ref('int_kpi__catalogue') }}
),

named as (
    select
        effects.kpi_id,
        effects.period_grain,
        effects.period_start,
        effects.compared_with,
        effects.base_period_start,
        effects.dimension,
        effects.segment,
        effects.effect_kind,
        catalogue.name_en,
        catalogue.name_fr,
        catalogue.unit,
        effects.base_kpi_value,
        effects.kpi_value,
        effects.change,
        effects.base_numerator,
        effects.numerator,
        effects.base_denominator,
        effects.denominator,
        effects.base_value,
        effects.value,
        effects.base_weight,
        effects.weight,
        effects.effect,
        effects.explained_share,
        effects.rank,
        case
            when effects.effect = 0 or catalogue.direction = 'range' then null
            else (effects.effect > 0) = (catalogue.direction = 'up')
        end as is_improvement
    from effects
    inner join catalogue on effects.kpi_id = catalogue.kpi_id
)

select * from named
