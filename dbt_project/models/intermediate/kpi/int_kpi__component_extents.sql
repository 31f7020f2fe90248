-- A component that adds up spans what the raw tables behind it span: a month without a refund,
-- between the first order and the last, has refunds of zero, not unknown ones. Another one is
-- unknown where it was not computed. Where a table has gone stale, or has rows every day, data
-- reach only to its last row: what lies after it is not known to be nothing. A component of several
-- tables lacks what any of them has not delivered; only the web's two stand for one another, since
-- each site has one. What it needs beside its own rows has begun with the first of those tables:
-- before, nothing that came of a case could be seen. What is less something else begins with the
-- last: advertising that is older than the orders is no loss. What it earned is known as far as its
-- other tables are than those of costs. A state to date rests on what was
-- before any row. A table has reached as far as all of its daily sources have; refunds are rows of
-- another table, and may come before its first row and after its last; of what they alone are known
-- of, no day is.
with component_tables as (
    select * from {{ ref('int_kpi__component_tables') }}
),

spans as (
    select
        raw_table,
        min(case when not is_less_refunds then first_date end) as first_date,
        max(case when not is_less_refunds then last_date end) as last_date
    from component_tables
    group by raw_table
),

raw_tables as (
    select
        spans.raw_table,
        spans.first_date,
        spans.last_date,
        {{ business_date('health.first_row_at') }} as begins_on,
        cast(
            case
                when health.reached_on < {{ business_date('health.last_row_at') }}
                    then health.reached_on
                else
                    greatest(
                        spans.last_date,
                        {{ business_date('health.last_row_at') }},
                        health.reached_on
                    )
            end
            + {{ day_interval(1) }} as date
        ) as known_until,
        {{ data_until('health') }} as data_until
    from spans
    left join {{ ref('int_core__raw_tables') }} as health on spans.raw_table = health.raw_table
),

billed as (
    select distinct raw_table
    from component_tables
    where component in ({{ components_having('billed') }})
),

stood_for as (
    select
        component_tables.component,
        case
            when component_tables.raw_table in ('web_events', 'web_sessions') then 'web'
            else component_tables.raw_table
        end as source,
        component_tables.is_needed,
        component_tables.is_state,
        billed.raw_table is not null as is_billed,
        component_tables.maturity_days,
        component_tables.adds_up,
        raw_tables.first_date,
        raw_tables.last_date,
        raw_tables.begins_on,
        raw_tables.known_until,
        raw_tables.data_until
    from component_tables
    inner join raw_tables on component_tables.raw_table = raw_tables.raw_table
    left join billed on component_tables.raw_table = billed.raw_table
),

sources as (
    select
        component,
        source,
        max(maturity_days) as maturity_days,
        min(case when adds_up then first_date end) as first_date,
        min(
            case
                when is_needed then null
                when adds_up then coalesce(first_date, data_until)
                when not is_state then begins_on
            end
        ) as begins_on,
        min(case when is_needed and not is_state then begins_on end) as needed_from,
        max(case when adds_up then last_date end) as last_date,
        max(case when adds_up or not is_state then known_until end) as known_until,
        max(
            case when not is_billed and (adds_up or not is_state) then known_until end
        ) as earned_until,
        max(data_until) as data_until,
        max(case when source = 'web' then 1 else 0 end) as is_web
    from stood_for
    group by component, source
),

extents as (
    select
        component,
        max(maturity_days) as maturity_days,
        min(first_date) as first_date,
        min(needed_from) as needed_from,
        case
            when component in ({{ components_having('needs_all') }})
                then greatest(max(begins_on), min(needed_from))
            else greatest(min(begins_on), min(needed_from))
        end as known_from,
        max(last_date) as last_date,
        min(known_until) as known_until,
        min(earned_until) as earned_until,
        min(data_until) as data_until,
        max(is_web) = 1 as rests_on_web
    from sources
    group by component
)

select * from extents
