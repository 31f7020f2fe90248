with daily as (
    select
        'spend' as component,
        'ads_spend' as raw_table,
        cast(0 as bigint) as maturity_days,
        spend.spend_date as activity_date,
        cast(null as {{ dbt.type_string() }}) as country,
        cast(null as {{ dbt.type_string() }}) as segment,
        traffic_sources.channel,
        cast(null as {{ dbt.type_string() }}) as device,
        cast(sum(spend.spend) as decimal(28, 4)) as amount,
        cast(count(*) as bigint) as sample
    from {{ ref('int_core__ad_spend_valued') }} as spend
    inner join {{ ref('int_attribution__traffic_sources') }} as traffic_sources
        on spend.traffic_source_key = traffic_sources.traffic_source_key
    group by spend.spend_date, traffic_sources.channel
)

select * from daily
