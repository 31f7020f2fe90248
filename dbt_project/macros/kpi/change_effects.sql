{#
    Why KPIs moved between two periods: the rule, in one place. It gives CTEs, of which the last is
    `change_effects`. docs/explaining_change.md says it in words.

    `pairs` names a relation of one row per KPI and pair of periods (kpi_id, period_grain,
    period_start, compared_with, base_period_start, scale, is_additive); `kpi_values` one with the
    columns of kpi.kpi_values. A pair whose whole is unknown in one of its periods gives no row.

    * A sum: a segment's *contribution* is what it changed by.
    * A ratio: a segment weighs its share w of the denominator and has the rate r. Its *rate* effect
      is the change of r at the mean of both weights; its *mix* effect the change of w at the mean of
      both rates, as far as that lies above or below the whole's mean rate (Kitagawa, Components of a
      difference between two rates, JASA 50, 1955; the weights of all segments change by nothing in
      sum, so that the whole's mean may be taken off). Both periods count alike, and no rest is left
      to be called an interaction.
    * A segment that is new or gone has no rate of its own in one period: it keeps the other's, and is
      all mix. A numerator without a denominator (spend that won nobody) is all rate.
    * A KPI that does not add up over segments is not decomposed: a segment's *difference* is its own
      change, where it has a value in both periods.

    Effects are rounded to nine decimals. What that leaves of the change, some billionths, goes to the
    largest effect, so that each dimension's effects add up to the change exactly.
#}
{% macro change_effects(pairs, kpi_values) -%}
    {%- set pair = ['kpi_id', 'period_grain', 'period_start', 'compared_with', 'base_period_start'] -%}
    {%- set by_pair = pair | join(', ') -%}
    pair_values as (
    {% for period, is_base in [('period_start', 0), ('base_period_start', 1)] %}
        select
            pairs.*,
            {{ is_base }} as is_base,
            kpi_values.dimension,
            kpi_values.segment,
            kpi_values.numerator,
            kpi_values.denominator,
            kpi_values.value
        from {{ pairs }} as pairs
        inner join {{ kpi_values }} as kpi_values
            on
                pairs.kpi_id = kpi_values.kpi_id
                and pairs.period_grain = kpi_values.period_grain
                and pairs.{{ period }} = kpi_values.period_start
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

segment_pairs as (
    select
        {{ by_pair }},
        dimension,
        segment,
        scale,
        is_additive,
        {% for column in ['numerator', 'denominator', 'value'] %}
            max(case when is_base = 1 then {{ column }} end) as base_{{ column }},
            max(case when is_base = 0 then {{ column }} end) as {{ column }}
            {%- if not loop.last %},{% endif %}
        {% endfor %}
    from pair_values
    group by {{ by_pair }}, dimension, segment, scale, is_additive
),

wholes as (
    select
        {{ by_pair }},
        base_numerator,
        numerator,
        base_denominator,
        denominator,
        base_value,
        value,
        case
            when denominator is null
                then
                    cast(
                        cast(numerator - base_numerator as decimal(24, 4))
                        * cast(scale as decimal(9, 4)) as decimal(28, 9)
                    )
            else
                cast(round(value, 9) as decimal(28, 9))
                - cast(round(base_value, 9) as decimal(28, 9))
        end as change
    from segment_pairs
    where dimension = 'overall' and base_value is not null and value is not null
),

measured as (
    select
        segment_pairs.*,
        wholes.base_value as base_kpi_value,
        wholes.value as kpi_value,
        cast(wholes.change as decimal(28, 9)) as change,
        wholes.denominator is not null as is_ratio,
        {{ ratio('coalesce(segment_pairs.base_numerator, 0)', 'wholes.base_denominator') }}
            as base_part,
        {{ ratio('coalesce(segment_pairs.numerator, 0)', 'wholes.denominator') }} as part,
        {% for base in ['base_', ''] %}
            -- A sum's segment weighs its share of the sum itself.
            cast(
                coalesce(
                    case
                        when wholes.denominator is null then segment_pairs.{{ base }}numerator
                        else segment_pairs.{{ base }}denominator
                    end, 0
                ) as double
            ) / nullif(
                cast(coalesce(wholes.{{ base }}denominator, wholes.{{ base }}numerator) as double), 0
            ) + 0 as {{ base }}weight,
        {% endfor %}
        {{ ratio('segment_pairs.base_numerator', 'segment_pairs.base_denominator') }} as base_rate,
        {{ ratio('segment_pairs.numerator', 'segment_pairs.denominator') }} as rate,
        ({{ ratio('wholes.base_numerator', 'wholes.base_denominator') }}
        + {{ ratio('wholes.numerator', 'wholes.denominator') }}) / cast(2 as double) as mean_whole
    from segment_pairs
    inner join wholes
        on {% for column in pair -%}
            segment_pairs.{{ column }} = wholes.{{ column }}{{ ' and ' if not loop.last }}
        {%- endfor %}
    where segment_pairs.dimension <> 'overall'
),

effects as (
    select
        *,
        'contribution' as effect_kind,
        cast(
            cast(coalesce(numerator, 0) - coalesce(base_numerator, 0) as decimal(24, 4))
            * cast(scale as decimal(9, 4)) as decimal(28, 9)
        ) as effect
    from measured
    where is_additive and not is_ratio

    union all

    select
        *,
        'rate' as effect_kind,
        cast(
            round(
                scale * case
                    when base_rate is not null and rate is not null
                        then (base_weight + weight) * (rate - base_rate) / cast(2 as double)
                    else
                        part - base_part
                        - coalesce(rate, base_rate, 0) * (weight - base_weight)
                end, 9
            ) as decimal(28, 9)
        ) as effect
    from measured
    where is_additive and is_ratio

    union all

    select
        *,
        'mix' as effect_kind,
        cast(
            round(
                scale * (weight - base_weight) * (
                    (coalesce(base_rate, rate, mean_whole) + coalesce(rate, base_rate, mean_whole))
                    / cast(2 as double) - mean_whole
                ), 9
            ) as decimal(28, 9)
        ) as effect
    from measured
    where is_additive and is_ratio

    union all

    select
        *,
        'difference' as effect_kind,
        cast(round(value, 9) as decimal(28, 9))
        - cast(round(base_value, 9) as decimal(28, 9)) as effect
    from measured
    where not is_additive and base_value is not null and value is not null
),

rests as (
    select
        *,
        -- Cast, because the difference of two widest decimals loses digits on some engines.
        change - cast(
            sum(effect) over (partition by {{ by_pair }}, dimension) as decimal(28, 9)
        ) as rest,
        row_number() over (
            partition by {{ by_pair }}, dimension
            order by abs(effect) desc nulls last, segment nulls last, effect_kind nulls last
        ) as position
    from effects
),

reconciled as (
    select
        {{ by_pair }},
        dimension,
        segment,
        effect_kind,
        base_kpi_value,
        kpi_value,
        change,
        base_numerator,
        numerator,
        base_denominator,
        denominator,
        base_value,
        value,
        base_weight,
        weight,
        cast(
            case when is_additive and position = 1 then effect + rest else effect end
            as decimal(28, 9)
        ) as effect
    from rests
),

change_effects as (
    select
        *,
        case when effect_kind <> 'difference' then {{ signed_ratio('effect', 'change') }} end
            as explained_share,
        cast(
            row_number() over (
                partition by {{ by_pair }}, dimension
                order by abs(effect) desc nulls last, segment nulls last, effect_kind nulls last
            ) as bigint
        ) as rank
    from reconciled
)
{%- endmacro %}
