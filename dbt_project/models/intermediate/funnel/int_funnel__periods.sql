-- A period of a funnel is whole where the visits, or leads, with which its ways begin span it.
-- Deals stop by themselves now and then.
with funnels as (
    select distinct
        funnel,
        case entity_type when 'person' then 'sessions' when 'lead' then 'leads' end as component
    from {{ ref('int_funnel__steps') }}
),

extents as (
    select
        component,
        known_from,
        known_until,
        data_until,
        rests_on_web
    from {{ ref('int_kpi__component_extents') }}
),

funnel_periods as (
    select
        funnels.funnel,
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.is_complete and {{ is_whole('extents') }} as is_complete
    from funnels
    cross join {{ ref('int_core__periods') }} as periods
    left join extents on funnels.component = extents.component
)

select * from funnel_periods
