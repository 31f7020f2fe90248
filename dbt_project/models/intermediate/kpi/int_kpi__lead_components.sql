with leads as (
    select
        leads.created_date as activity_date,
        leads.country,
        traffic_sources.channel,
        case when leads.is_converted then 1 else 0 end as converted
    from {{ ref('int_core__leads_sourced') }} as leads
    inner join {{ ref('int_attribution__traffic_sources') }} as traffic_sources
        on leads.traffic_source_key = traffic_sources.traffic_source_key
),

components as (
    select
        'leads' as component,
        0 as maturity_days,
        activity_date,
        country,
        channel,
        1 as amount
    from leads

    union all

    -- Known only when the conversion window of the day's leads has closed.
    select
        'converted_leads' as component,
        {{ var('lead_conversion_window_days') }} as maturity_days,
        activity_date,
        country,
        channel,
        converted as amount
    from leads
),

daily as (
    select
        component,
        'crm_leads' as raw_table,
        cast(maturity_days as bigint) as maturity_days,
        activity_date,
        country,
        cast(null as {{ dbt.type_string() }}) as segment,
        channel,
        cast(null as {{ dbt.type_string() }}) as device,
        cast(sum(amount) as decimal(28, 4)) as amount,
        cast(count(*) as bigint) as sample
    from components
    group by component, maturity_days, activity_date, country, channel
)

select * from daily
