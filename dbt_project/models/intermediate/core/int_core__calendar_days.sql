with observed as (
    select min({{ business_date('ordered_at') }}) as first_date from {{ ref('stg_shop__orders') }}
    union all
    select min({{ business_date('refunded_at') }}) from {{ ref('stg_shop__refunds') }}
    union all
    select min({{ business_date('occurred_at') }}) from {{ ref('stg_web__events') }}
    union all
    select min({{ business_date('started_at') }}) from {{ ref('stg_web__sessions') }}
    union all
    select min({{ business_date('created_at') }}) from {{ ref('stg_crm__leads') }}
    union all
    select min({{ business_date('created_at') }}) from {{ ref('stg_crm__opportunities') }}
    union all
    select min({{ business_date('occurred_at') }}) from {{ ref('stg_crm__activities') }}
    union all
    select min({{ business_date('responded_at') }}) from {{ ref('stg_crm__campaign_members') }}
    union all
    select min({{ business_date('created_at') }}) from {{ ref('stg_support__tickets') }}
    union all
    select min({{ business_date('coalesce(sent_at, answered_at)') }})
    from {{ ref('stg_survey__responses') }}
    union all
    select min(spend_date) from {{ ref('stg_ads__spend') }}
),

bounds as (
    select
        greatest(
            coalesce(min(first_date), {{ as_of_date() }}),
            cast('{{ first_calendar_year() }}-01-01' as date)
        ) as first_date,
        cast({{ as_of_date() }} + interval '1' day as date) as end_date
    from observed
),

days as (
    {{ days_within('bounds') }}
)

select * from days
