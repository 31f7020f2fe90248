-- Weeks that lie whole between the first and the last day with spend: before it began and after the
-- platforms last reported, or the first of them that is late, nothing is known rather than nothing
-- spent. So it is with the sales and the visits that the spend is held against: sales begin with
-- the first of their tables, and end with the first to stop; the web's two stand for one another.
-- A week in which the web log was lost has spend and sales all the same.
with spent as (
    select
        min(spend_date) as first_date,
        max(spend_date) as last_date
    from {{ ref('int_core__ad_spend_valued') }}
    where spend > 0
),

health as (
    select
        raw_tables.raw_table,
        {{ business_date('raw_tables.first_row_at') }} as known_from,
        {{ data_until('raw_tables') }} as known_until
    from {{ ref('int_core__raw_tables') }} as raw_tables
    where raw_tables.row_count > 0
),

sources as (
    select
        min(known_from) as known_from,
        min(known_until) as known_until
    from health
    where
        (raw_table = 'shop_orders' and {{ is_in_all("'order'") }})
        or (raw_table = 'crm_opportunities' and {{ is_in_all("'opportunity'") }})

    union all

    select
        min(known_from) as known_from,
        max(known_until) as known_until
    from health
    where raw_table in ('web_events', 'web_sessions')

    union all

    select
        known_from,
        known_until
    from health
    where raw_table = 'ads_spend'
),

-- What no table tells of bounds nothing.
known as (
    select
        max(known_from) as known_from,
        min(known_until) as known_until
    from sources
),

weeks as (
    select
        periods.period_start as week_start,
        periods.period_end as week_end,
        periods.silent_days as web_days_lost
    from {{ ref('int_core__periods') }} as periods
    inner join spent
        on
            periods.period_start >= spent.first_date
            and periods.period_end <= cast(spent.last_date + interval '1' day as date)
    cross join known
    where
        periods.period_grain = 'week'
        and periods.is_complete
        and coalesce(periods.period_start >= known.known_from, true)
        and coalesce(periods.period_end <= known.known_until, true)
)

select * from weeks
