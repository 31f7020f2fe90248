-- Turning an instant into a local day costs more than all else here: only the first one is turned.
with observed as (
    select {{ business_date('min(ordered_at)') }} as first_date from {{ ref('stg_shop__orders') }}
    union all
    select {{ business_date('min(refunded_at)') }} from {{ ref('stg_shop__refunds') }}
    union all
    select {{ business_date('min(occurred_at)') }} from {{ ref('stg_web__events') }}
    union all
    select {{ business_date('min(started_at)') }} from {{ ref('stg_web__sessions') }}
    union all
    select {{ business_date('min(created_at)') }} from {{ ref('stg_crm__leads') }}
    union all
    select {{ business_date('min(created_at)') }} from {{ ref('stg_crm__opportunities') }}
    union all
    -- A CRM that was moved may say that its deals were created on the day of the move.
    select {{ business_date('min(closed_at)') }} from {{ ref('int_core__opportunity_closings') }}
    union all
    select {{ business_date('min(occurred_at)') }} from {{ ref('stg_crm__activities') }}
    union all
    select {{ business_date('min(responded_at)') }} from {{ ref('stg_crm__campaign_members') }}
    union all
    select {{ business_date('min(created_at)') }} from {{ ref('stg_support__tickets') }}
    union all
    select {{ business_date('min(coalesce(sent_at, answered_at))') }}
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
