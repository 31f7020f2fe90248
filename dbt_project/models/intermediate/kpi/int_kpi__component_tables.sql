with needs as (
    {{ component_needs() }}
),

daily as (
    select
        component,
        raw_table,
        max(maturity_days) as maturity_days,
        true as adds_up,
        min(activity_date) as first_date,
        max(activity_date) as last_date
    from {{ ref('int_kpi__components_daily') }}
    group by component, raw_table
),

told as (
    select count(distinct component) = 2 as are_spend_and_visits
    from daily
    where component in ('spend', 'sessions')
),

-- Where spend and visits are known, sales of which nothing is credited to advertising tell that it
-- earned nothing; without a known margin they tell nothing of its profit.
credited as (
    select
        case daily.component when 'margin' then 'attributed_profit' else 'attributed_revenue' end
            as component,
        daily.raw_table
    from daily
    cross join told
    where
        told.are_spend_and_visits
        and (
            daily.component = 'margin'
            or (daily.component = 'orders' and {{ is_in_all("'order'") }})
            or (daily.component = 'won_deals' and {{ is_in_all("'opportunity'") }})
        )
),

counted as (
    select
        component,
        raw_table,
        maturity_days,
        adds_up,
        first_date,
        last_date
    from daily

    union all

    select
        credited.component,
        credited.raw_table,
        cast(0 as bigint) as maturity_days,
        true as adds_up,
        cast(null as date) as first_date,
        cast(null as date) as last_date
    from credited
    left join daily
        on credited.component = daily.component and credited.raw_table = daily.raw_table
    where daily.component is null

    union all

    select
        component,
        raw_table,
        -- The tickets that take longest are missing from a median until they are solved.
        cast(
            case
                when raw_table = 'support_tickets' then {{ var('ticket_maturity_days') }} else 0
            end as bigint
        ) as maturity_days,
        false as adds_up,
        cast(null as date) as first_date,
        cast(null as date) as last_date
    from {{ ref('int_kpi__components_by_period') }}
    where raw_table is not null and component <> 'acquisition_cost'
    group by component, raw_table

    union all

    -- A new customer is known from an order, which it needs; what it cost from the tables of costs.
    select
        'acquisition_cost' as component,
        raw_table,
        cast(0 as bigint) as maturity_days,
        false as adds_up,
        cast(null as date) as first_date,
        cast(null as date) as last_date
    from daily
    where component = 'marketing_cost'
),

-- No day of a component is a day of a table that it needs; one without a row never was a source.
needed as (
    select
        needs.component,
        needs.raw_table,
        cast(0 as bigint) as maturity_days,
        false as adds_up,
        cast(null as date) as first_date,
        cast(null as date) as last_date
    from needs
    inner join {{ ref('int_core__raw_tables') }} as raw_tables
        on needs.raw_table = raw_tables.raw_table
    where
        raw_tables.row_count > 0
        and needs.component in (select counted.component from counted)
),

components as (
    select
        *,
        false as is_needed
    from counted
    union all
    select
        *,
        true as is_needed
    from needed
),

described as (
    select
        *,
        component in ({{ components_having('less_refunds') }}) as is_less_refunds,
        component in ({{ components_having('to_date') }}) as is_to_date,
        component in ({{ components_having('state') }}) as is_state
    from components
)

select * from described
