with restatements as (
    select
        kpi_id,
        period_grain,
        period_start,
        statement_number,
        is_latest,
        stated_at,
        numerator,
        denominator,
        value,
        sample,
        previous_value,
        value - previous_value as change_since_previous,
        first_stated_value,
        value - first_stated_value as change_since_first,
        cause,
        late_rows,
        late_refunds,
        definition
    from {{ ref('int_kpi__restatements') }}
)

select * from restatements
