{%- set key = 'kpi_id, period_grain, period_start' -%}
with carried as (
    select * from {{ ref('stg_ops__statements') }}
),

latest as (
    select *
    from carried
    qualify row_number() over (partition by {{ key }} order by statement_number desc nulls last) = 1
),

base as (
    select max(merged_identifiers) as merged_identifiers
    from carried
),

catalogue as (
    select
        kpi_id,
        numerator,
        denominator,
        numerator in ({{ components_having('by_person') }})
        or coalesce(denominator in ({{ components_having('by_person') }}), false) as is_by_person,
        numerator || coalesce(' / ' || denominator, '')
        || ' x ' || cast(cast(scale as decimal(9, 4)) as {{ dbt.type_string() }}) as definition,
        coalesce(denominator in ({{ components_having('stated') }}), false)
            as is_held_against_a_seed,
        numerator in ({{ components_having('unit', 'currency') }})
        or coalesce(denominator in ({{ components_having('unit', 'currency') }}), false)
            as is_of_money,
        numerator in ({{ components_having('measured_anew') }})
        or coalesce(denominator in ({{ components_having('measured_anew') }}), false)
            as is_measured_anew
    from {{ ref('int_kpi__catalogue') }}
),

closed as (
    select
        kpi_values.kpi_id,
        kpi_values.period_grain,
        kpi_values.period_start,
        kpi_values.numerator,
        kpi_values.denominator,
        kpi_values.value,
        kpi_values.sample,
        catalogue.definition,
        catalogue.is_by_person,
        catalogue.is_held_against_a_seed,
        catalogue.is_of_money,
        catalogue.is_measured_anew
    from {{ ref('int_kpi__values') }} as kpi_values
    inner join catalogue on kpi_values.kpi_id = catalogue.kpi_id
    where kpi_values.dimension = 'overall' and kpi_values.is_complete and kpi_values.has_data
),

kpi_tables as (
    select * from {{ ref('int_kpi__restating_tables') }}
),

reaches as (
    select distinct
        raw_table,
        reach_days
    from kpi_tables
    where is_to_date
),

-- In a figure to date what came before the period counts too.
late_by_period as (
    select
        late_days.raw_table,
        false as is_to_date,
        0 as reach_days,
        period_days.period_grain,
        period_days.period_start,
        sum(late_days.late_rows) as late_rows
    from {{ ref('int_kpi__late_days') }} as late_days
    inner join {{ ref('int_core__period_days') }} as period_days
        on late_days.date_day = period_days.date_day
    group by late_days.raw_table, period_days.period_grain, period_days.period_start

    union all

    select
        late_days.raw_table,
        true as is_to_date,
        reaches.reach_days,
        periods.period_grain,
        periods.period_start,
        sum(late_days.late_rows) as late_rows
    from {{ ref('int_kpi__late_days') }} as late_days
    inner join reaches on late_days.raw_table = reaches.raw_table
    inner join {{ ref('int_core__periods') }} as periods
        on
            late_days.from_day
            < {{ dbt.dateadd('day', 'reaches.reach_days', 'periods.period_end') }}
    group by
        late_days.raw_table,
        reaches.reach_days,
        periods.period_grain,
        periods.period_start
),

late as (
    select
        kpi_tables.kpi_id,
        found.period_grain,
        found.period_start,
        sum(case when found.raw_table <> 'shop_refunds' then found.late_rows else 0 end)
            as late_rows,
        sum(case when found.raw_table = 'shop_refunds' then found.late_rows else 0 end)
            as late_refunds
    from late_by_period as found
    inner join kpi_tables
        on
            found.raw_table = kpi_tables.raw_table
            and found.is_to_date = kpi_tables.is_to_date
            and found.reach_days = kpi_tables.reach_days
    group by kpi_tables.kpi_id, found.period_grain, found.period_start
),

-- Orders of whatever day: the gaps between them are the measure of silence.
ordered as (
    select count(*) as day_count
    from {{ ref('int_kpi__late_days') }}
    where raw_table = 'shop_orders'
),

merged as (
    select {{ merged_checksum() }} as merged_identifiers
    from {{ ref('int_identity__identifiers_resolved') }}
    where merged_on is not null
),

stated_anew as (
    select
        closed.kpi_id,
        closed.period_grain,
        closed.period_start,
        coalesce(latest.statement_number + 1, 0) as statement_number,
        {{ as_of() }} as stated_at,
        closed.numerator,
        closed.denominator,
        closed.value,
        closed.sample,
        closed.definition,
        case
            when latest.kpi_id is null then 'first_stated'
            when latest.definition <> closed.definition then 'redefinition'
            when late.late_rows > 0 then 'late_rows'
            when late.late_refunds > 0 then 'refund'
            when latest.are_rules_changed then 'redefinition'
            -- Targets and the market are figures, no rules: they change what is held against them.
            when
                closed.is_held_against_a_seed
                and not coalesce(latest.denominator = closed.denominator, false)
                then 'redefinition'
            when latest.are_rates_changed and closed.is_of_money then 'exchange_rates'
            when
                closed.is_by_person
                and (select merged.merged_identifiers from merged)
                <> (select base.merged_identifiers from base)
                then 'identity_merge'
            when closed.is_measured_anew and (select ordered.day_count from ordered) > 0
                then 'measured_anew'
            else 'other'
        end as cause,
        case when latest.kpi_id is not null then coalesce(late.late_rows, 0) end as late_rows,
        case when latest.kpi_id is not null then coalesce(late.late_refunds, 0) end
            as late_refunds
    from closed
    left join latest
        on
            closed.kpi_id = latest.kpi_id
            and closed.period_grain = latest.period_grain
            and closed.period_start = latest.period_start
    left join late
        on
            closed.kpi_id = late.kpi_id
            and closed.period_grain = late.period_grain
            and closed.period_start = late.period_start
    where
        latest.kpi_id is null
        or latest.numerator is distinct from closed.numerator
        or latest.denominator is distinct from closed.denominator
        or latest.definition <> closed.definition
),

statements as (
    {% for relation in ['carried', 'stated_anew'] %}
        select
            kpi_id,
            period_grain,
            period_start,
            statement_number,
            stated_at,
            numerator,
            denominator,
            value,
            sample,
            definition,
            cause,
            late_rows,
            late_refunds
        from {{ relation }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

compared as (
    select
        kpi_id,
        period_grain,
        period_start,
        cast(statement_number as bigint) as statement_number,
        stated_at,
        numerator,
        denominator,
        value,
        sample,
        definition,
        cause,
        cast(late_rows as bigint) as late_rows,
        cast(late_refunds as bigint) as late_refunds,
        lag(value) over (partition by {{ key }} order by statement_number nulls last)
            as previous_value,
        max(case when statement_number = 0 then value end) over (partition by {{ key }})
            as first_stated_value,
        statement_number = max(statement_number) over (partition by {{ key }}) as is_latest
    from statements
)

select * from compared
