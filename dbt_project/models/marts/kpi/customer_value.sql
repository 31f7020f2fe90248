with customers as (
    select
        customer_key,
        customer_id,
        country,
        segment,
        acquisition_channel,
        orders,
        lifetime_revenue,
        rfm_segment
    from {{ ref('dim_customers') }}
),

margins as (
    select
        customer_key,
        case when count(margin) = count(*) then sum(margin) end as margin
    from {{ ref('int_retention__purchase_days') }}
    group by customer_key
),

refunds as (
    select
        customer_key,
        sum(refunded) as refunded
    from {{ ref('int_core__refunds_valued') }}
    where is_revenue and customer_key is not null
    group by customer_key
),

scores as (
    select * from {{ ref('int_retention__buyers_scored') }}
),

histories as (
    select * from {{ ref('int_retention__purchase_histories') }}
),

expected as (
    select * from {{ ref('int_retention__values_expected') }}
),

valued as (
    select
        customers.customer_key,
        customers.customer_id,
        customers.country,
        customers.segment,
        customers.acquisition_channel,
        customers.orders,
        coalesce(histories.purchases, 0) as purchases,
        histories.first_order_date,
        histories.last_order_date,
        histories.age_days,
        histories.silent_days,
        scores.recency_score,
        scores.frequency_score,
        scores.monetary_score,
        customers.rfm_segment,
        customers.lifetime_revenue,
        cast(margins.margin - coalesce(refunds.refunded, 0) as decimal(18, 4)) as lifetime_margin,
        coalesce(histories.churn_rule, 'no_order') as churn_rule,
        histories.churn_after_days,
        histories.is_churned,
        histories.churned_on,
        expected.probability_alive,
        expected.expected_purchases,
        expected.expected_value as expected_purchase_value,
        expected.predicted_revenue,
        case when expected.predicted_revenue is null then 'historic' else 'predicted' end
            as value_basis,
        case
            when histories.customer_key is null then 'no order that counts'
            when expected.predicted_revenue is null
                then coalesce(expected.note, 'a first order later than the clock')
        end as value_note
    from customers
    left join histories on customers.customer_key = histories.customer_key
    left join scores on customers.customer_key = scores.customer_key
    left join margins on customers.customer_key = margins.customer_key
    left join refunds on customers.customer_key = refunds.customer_key
    left join expected on customers.customer_key = expected.customer_key
)

select * from valued
