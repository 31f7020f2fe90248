with source as (
    select * from {{ source('ops', 'statements') }}
),

renamed as (
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
        late_refunds,
        last_batch_id,
        are_rules_changed,
        are_rates_changed,
        merged_identifiers
    from source
)

select * from renamed
