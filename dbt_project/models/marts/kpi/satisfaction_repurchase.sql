-- The unit is one survey: somebody who answered twice counts twice, each time with what came after.
with answers as (
    select
        response_key,
        customer_key,
        survey,
        score_band,
        coalesce(answered_at, sent_at) as judged_at
    from {{ ref('int_service__survey_answers') }}
    where customer_key is not null
),

-- The days whose orders are known, none where nobody ever ordered: nothing tells of a repurchase
-- then. Of the running day those up to now are.
extents as (
    {{ extents_of('active_customers') }}
),

dated as (
    select
        *,
        {{ business_date('judged_at') }} as judged_date,
        judged_at + {{ day_interval(var('repurchase_window_days')) }} as over_at
    from answers
    where judged_at <= {{ as_of() }}
),

matured as (
    select
        dated.response_key,
        dated.customer_key,
        dated.survey,
        dated.score_band,
        dated.judged_at,
        dated.judged_date,
        dated.over_at,
        coalesce(
            dated.over_at <= {{ as_of() }}
            and dated.judged_date >= extents.known_from
            and (
                {{ business_date('dated.over_at') }} < extents.data_until
                or extents.data_until >= {{ as_of_date() }}
            ),
            false
        ) as is_mature
    from dated
    cross join extents
),

orders as (
    select
        customer_key,
        ordered_at
    from {{ ref('int_core__orders_valued') }}
    where is_revenue and customer_key is not null
),

repurchases as (
    select distinct matured.response_key
    from matured
    inner join orders
        on
            matured.customer_key = orders.customer_key
            and matured.judged_at < orders.ordered_at
            and matured.over_at >= orders.ordered_at
),

by_period as (
    select
        period_days.period_grain,
        period_days.period_start,
        matured.survey,
        matured.score_band,
        count(*) as surveys,
        sum(case when matured.is_mature then 1 else 0 end) as mature_surveys,
        sum(
            case when matured.is_mature and repurchases.response_key is not null then 1 else 0 end
        ) as repurchased
    from matured
    inner join {{ ref('int_core__period_days') }} as period_days
        on matured.judged_date = period_days.date_day
    left join repurchases on matured.response_key = repurchases.response_key
    where period_days.period_grain in ('month', 'quarter', 'year')
    group by
        period_days.period_grain,
        period_days.period_start,
        matured.survey,
        matured.score_band
),

rated as (
    select
        by_period.period_grain,
        by_period.period_start,
        by_period.survey,
        by_period.score_band,
        periods.is_complete and by_period.mature_surveys = by_period.surveys as is_complete,
        cast(by_period.surveys as bigint) as surveys,
        cast(by_period.mature_surveys as bigint) as mature_surveys,
        cast(by_period.repurchased as bigint) as repurchased,
        {{ ratio('by_period.repurchased', 'by_period.mature_surveys') }} as repurchase_rate,
        {{ wilson_limit('by_period.repurchased', 'by_period.mature_surveys', '-') }}
            as repurchase_rate_low,
        {{ wilson_limit('by_period.repurchased', 'by_period.mature_surveys', '+') }}
            as repurchase_rate_high
    from by_period
    inner join {{ ref('int_core__periods') }} as periods
        on
            by_period.period_grain = periods.period_grain
            and by_period.period_start = periods.period_start
)

select * from rated
