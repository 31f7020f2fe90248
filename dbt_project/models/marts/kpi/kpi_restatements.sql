with statements as (
    select * from {{ ref('int_kpi__restatements') }}
),

-- Of a period that is no longer closed, or of which nothing is known any more, nothing is said.
said as (
    select
        kpi_id,
        period_grain,
        period_start
    from {{ ref('int_kpi__values') }}
    where dimension = 'overall' and is_complete and has_data
),

restatements as (
    select
        statements.kpi_id,
        statements.period_grain,
        statements.period_start,
        statements.statement_number,
        statements.is_latest and said.kpi_id is not null as is_latest,
        statements.stated_at,
        statements.numerator,
        statements.denominator,
        statements.value,
        statements.sample,
        statements.previous_value,
        statements.value - statements.previous_value as change_since_previous,
        statements.first_stated_value,
        statements.value - statements.first_stated_value as change_since_first,
        statements.cause,
        statements.late_rows,
        statements.late_refunds,
        statements.definition
    from statements
    left join said
        on
            statements.kpi_id = said.kpi_id
            and statements.period_grain = said.period_grain
            and statements.period_start = said.period_start
)

select * from restatements
