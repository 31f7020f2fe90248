-- Better lies where the KPI's direction says; where a KPI is to stay within a range, where the
-- action was expected to move it. What a case cost once nobody billed anything is unknown: an
-- advertisement that was stopped did not become cheaper.
with actions as (
    select
        action_id,
        kpi_id,
        dimension,
        segment,
        nullif({{ trimmed('control_segment') }}, '') as control_segment,
        title,
        owner,
        started_on,
        ended_on,
        review_on,
        cast(expected_effect as double) as expected_effect,
        cost,
        currency
    from {{ ref('corrective_actions') }}
),

effects as (
    select * from {{ ref('stg_derived__action_effects') }}
),

-- Begun or ended within the weeks that are compared: the effect is then that of both.
others as (
    select
        actions.action_id,
        {{ listed('neighbours.action_id') }} as other_actions
    from actions
    inner join effects on actions.action_id = effects.action_id
    inner join actions as neighbours
        on
            actions.kpi_id = neighbours.kpi_id
            and actions.dimension = neighbours.dimension
            and (
                actions.segment = neighbours.segment
                or actions.control_segment = neighbours.segment
            )
            and actions.action_id <> neighbours.action_id
    where
        abs({{ dbt.datediff('actions.started_on', 'neighbours.started_on', 'day') }})
        < 7 * effects.weeks
        or abs({{ dbt.datediff('actions.started_on', 'neighbours.ended_on', 'day') }} + 1)
        < 7 * effects.weeks
    group by actions.action_id
),

rates as (
    select
        currency,
        rate_date,
        rate
    from {{ ref('int_core__exchange_rates') }}
),

joined as (
    select
        actions.action_id,
        actions.kpi_id,
        actions.dimension,
        actions.segment,
        actions.control_segment,
        actions.title,
        actions.owner,
        catalogue.direction,
        actions.started_on,
        actions.ended_on,
        actions.review_on,
        effects.method,
        effects.weeks,
        effects.before_value,
        effects.after_value,
        effects.control_before_value,
        effects.control_after_value,
        effects.effect,
        effects.effect_lower,
        effects.effect_upper,
        effects.absolute_effect,
        actions.expected_effect,
        actions.expected_effect >= effects.effect_lower
        and actions.expected_effect <= effects.effect_upper as is_as_expected,
        effects.pre_trend,
        effects.has_other_trend,
        effects.adjusted_effect,
        effects.adjusted_lower,
        effects.adjusted_upper,
        effects.sample,
        effects.sample < catalogue.min_sample as is_small_sample,
        others.other_actions,
        actions.cost,
        actions.currency,
        {{ in_reporting_currency('actions.cost', 'rates.rate') }} as cost_reporting,
        case
            when catalogue.direction = 'down' then -1
            when catalogue.direction = 'range' and actions.expected_effect < 0 then -1
            else 1
        end as better,
        -- Where the segments already drifted apart, the drift must not be all that there is.
        case
            when effects.has_other_trend
                then least(effects.effect_lower, effects.adjusted_lower)
            else effects.effect_lower
        end as sure_lower,
        case
            when effects.has_other_trend
                then greatest(effects.effect_upper, effects.adjusted_upper)
            else effects.effect_upper
        end as sure_upper
    from actions
    inner join {{ ref('int_kpi__catalogue') }} as catalogue on actions.kpi_id = catalogue.kpi_id
    left join effects
        on
            actions.action_id = effects.action_id
            and not (
                catalogue.numerator in ({{ components_having('billed') }})
                and catalogue.denominator is not null
                and (
                    effects.after_value = 0
                    or coalesce(effects.control_after_value, effects.after_value) = 0
                )
            )
    left join others on actions.action_id = others.action_id
    left join rates
        on
            actions.currency = rates.currency
            and {{ counted_date('actions.started_on') }} = rates.rate_date
),

judged as (
    select
        *,
        case
            when effect is null or is_small_sample then 'too_early'
            when review_on > {{ as_of_date() }} then 'too_early'
            when better = 1 and sure_lower > 0 then 'improved'
            when better = -1 and sure_upper < 0 then 'improved'
            when better = 1 and sure_upper < 0 then 'worsened'
            when better = -1 and sure_lower > 0 then 'worsened'
            else 'no_evidence'
        end as verdict
    from joined
)

select * from judged
