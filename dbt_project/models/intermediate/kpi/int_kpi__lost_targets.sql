-- Targets in force that nothing is held against. A quota of revenue needs a rep who is in a team,
-- or a team that somebody is in, in its period; any other target a segment that the KPI has ever
-- had; an amount a rate of its currency.
with targets as (
    select
        kpi_id,
        period_grain,
        period_start,
        dimension,
        segment,
        target_value,
        kpi_id = 'revenue' and dimension in ('rep', 'team') as is_quota
    from {{ ref('int_kpi__target_versions') }}
),

members as (
    {% for dimension in ['rep', 'team'] %}
        select
            '{{ dimension }}' as dimension,
            {{ dimension }} as segment,
            period_grain,
            period_start
        from {{ ref('int_sales__rep_quotas') }}
        {% if not loop.last %}union{% endif %}
    {% endfor %}
),

member_names as (
    select distinct
        dimension,
        segment
    from members
),

segments as (
    select distinct
        kpi_id,
        dimension,
        segment
    from {{ ref('int_kpi__value_grid') }}
),

met as (
    select
        targets.*,
        members.segment is not null as is_member,
        case
            when targets.is_quota then member_names.segment is not null
            else segments.segment is not null
        end as is_known
    from targets
    left join members
        on
            targets.dimension = members.dimension
            and targets.segment = members.segment
            and targets.period_grain = members.period_grain
            and targets.period_start = members.period_start
    left join member_names
        on targets.dimension = member_names.dimension and targets.segment = member_names.segment
    left join segments
        on
            targets.kpi_id = segments.kpi_id
            and targets.dimension = segments.dimension
            and targets.segment = segments.segment
),

explained as (
    select
        kpi_id,
        period_grain,
        period_start,
        dimension,
        segment,
        case
            when not is_known then 'unknown_segment'
            when is_quota and not is_member then 'nobody_in_period'
            when target_value is null then 'no_rate'
        end as reason
    from met
),

lost as (
    select * from explained
    where reason is not null
)

select * from lost
