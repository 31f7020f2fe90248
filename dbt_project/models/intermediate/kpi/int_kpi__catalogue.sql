with catalogue as (
    select
        kpi_id,
        objective_id,
        name_en,
        name_fr,
        numerator,
        nullif({{ trimmed('denominator') }}, '') as denominator,
        cast(scale as double) as scale,
        unit,
        direction,
        -- Bars on both ends, so that one name never matches inside another.
        '|' || grains || '|' as grains,
        '|' || dimensions || '|' as dimensions,
        cast(warn_at as double) as warn_at,
        cast(alert_at as double) as alert_at,
        min_sample,
        is_selected,
        owner,
        numerator in ({{ components_that_add_up() }})
        and coalesce(
            nullif({{ trimmed('denominator') }}, '') in ({{ components_that_add_up() }}), true
        ) as is_additive
    from {{ ref('kpi_catalogue') }}
)

select * from catalogue
