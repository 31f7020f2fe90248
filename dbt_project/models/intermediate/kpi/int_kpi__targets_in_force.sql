-- Revenue is that of orders: a quota of a rep or a team that counts deals is held against
-- quota_attained alone, and is no target of revenue.
with versions as (
    select
        kpi_id,
        dimension,
        segment,
        period_grain,
        period_start,
        set_on,
        target_value
    from {{ ref('int_kpi__target_versions') }}
    {% if 'deals' in var('rep_quota_counts') %}
        where not (kpi_id = 'revenue' and dimension in ('team', 'rep'))
    {% endif %}
)

select * from versions
