with performance as (
    select
        period_grain,
        period_start,
        channel,
        campaign,
        model,
        conversion_type,
        is_in_all,
        is_complete,
        sessions,
        impressions,
        clicks,
        spend,
        other_costs,
        total_costs,
        leads,
        mqls,
        conversions,
        new_customers,
        attributed_revenue,
        attributed_margin,
        refunded,
        platform_conversions,
        platform_revenue,
        cpc,
        cpm,
        ctr,
        cpl,
        cost_per_mql,
        cac,
        total_cac,
        roas,
        roi,
        roi_after_refunds,
        platform_claim_ratio,
        is_small_sample
    from {{ ref('int_attribution__performance_by_period') }}
    where report_level = 'campaign'
)

select * from performance
