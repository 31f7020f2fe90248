{#
    What moved an amount that is a product: the rule of the driver trees, in one place. It gives CTEs,
    of which the last is `driver_effects`. docs/explaining_change.md says it in words.

    `pairs` names a relation of one row per tree and pair of periods (tree, period_grain,
    period_start, compared_with, base_period_start, is_volume_known: whether volumes are known of both
    periods); `levels` one of one row per tree, period, dimension and segment with what the tree is made
    of: `volume` (null where it is not known, and where there is none), `successes`, `amount` and
    `deducted`, so that the result is

        volume x successes / volume x amount / successes - deducted.

    The change of the amount is split by the logarithmic mean (LMDI-I, additive: Ang, The LMDI approach
    to decomposition analysis: a practical guide, Energy Policy 33, 2005; and 86, 2015): a factor's
    effect is L(amount, base amount) x ln(factor / base factor), with L(a, b) = (a - b) / ln(a / b).
    It needs factors above zero. Where one is not, the limit of the formula holds (Ang and Liu, Handling
    zero values, Energy Policy 35, 2007), and a factor of which nothing is known stays unchanged:

    * no success in one of the periods: the volume has the whole change where it was nothing as well,
      else the rate has it;
    * an amount of nothing, or below, for some successes: the value has the whole change;
    * no volume in one of the periods beside successes in both, or only in the other one, or a period
      whose volume is not known: volume and rate cannot be told apart and stand as one driver, the
      successes.

    What is deducted has its own change with the sign turned, exactly. Effects are rounded to four
    decimals; what that leaves of the change goes to the largest factor, so that the effects of a
    segment add up to its change exactly.
#}
{% macro driver_effects(pairs, levels) -%}
    {%- set names = {
        'volume': {'revenue': 'sessions', 'won_revenue': 'leads'},
        'rate': {'revenue': 'conversion', 'won_revenue': 'win_rate'},
        'successes': {'revenue': 'orders', 'won_revenue': 'won_deals'},
        'value': {'revenue': 'order_value', 'won_revenue': 'deal_size'},
        'deducted': {'revenue': 'refunds'},
    } -%}
    {%- set parts = ['volume', 'successes', 'amount', 'deducted'] -%}
    {%- set key = [
        'tree', 'period_grain', 'period_start', 'compared_with', 'base_period_start', 'dimension',
        'segment',
    ] | join(', ') -%}
    tree_values as (
    {% for period, is_base in [('period_start', 0), ('base_period_start', 1)] %}
        select
            pairs.*,
            {{ is_base }} as is_base,
            levels.dimension,
            levels.segment
            {%- for part in parts %},
                levels.{{ part }}
            {%- endfor %}
        from {{ pairs }} as pairs
        inner join {{ levels }} as levels
            on
                pairs.tree = levels.tree
                and pairs.period_grain = levels.period_grain
                and pairs.{{ period }} = levels.period_start
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

tree_pairs as (
    select
        {{ key }},
        is_volume_known
        {%- for part in parts %},
            {%- for base, is_base in [('base_', 1), ('', 0)] %}
                cast(
                    coalesce(
                        max(case when is_base = {{ is_base }} then {{ part }} end), 0
                    ) as decimal(28, 4)
                ) as {{ base }}{{ part }}{{ ',' if not loop.last }}
            {%- endfor %}
        {%- endfor %}
    from tree_values
    group by {{ key }}, is_volume_known
),

described as (
    select
        *,
        volume > 0 and base_volume > 0 as has_volume,
        successes > 0 and base_successes > 0 as has_successes,
        amount > 0 and base_amount > 0 as has_amount,
        cast(amount - base_amount as double) as gained,
        {{ ratio('amount - base_amount', 'amount + base_amount') }} as spread
        {%- for part in parts[:3] %},
            ln(
                case
                    when {{ part }} > 0 and base_{{ part }} > 0
                        then {{ ratio(part, 'base_' ~ part) }}
                end
            ) as {{ part }}_log
        {%- endfor %}
    from tree_pairs
    where amount <> 0 or base_amount <> 0 or deducted <> 0 or base_deducted <> 0
),

placed as (
    select
        *,
        -- Whether volume and rate can be told apart.
        has_volume or (
            is_volume_known
            and not has_successes
            and (
                (successes = 0 and base_volume > 0) or (base_successes = 0 and volume > 0)
            )
            and (successes = 0 or volume > 0) and (base_successes = 0 or base_volume > 0)
        ) as is_split,
        case
            when has_volume and has_successes and has_amount then 'all'
            when has_successes and has_amount then 'successes and value'
            when has_successes then 'value'
            when has_volume then 'rate'
            else 'volume'
        end as moved_by,
        -- Of two amounts that are nearly equal the quotient is all rounding; its series is not:
        -- ln(a / b) = 2 atanh(x), with x = (a - b) / (a + b).
        case
            when abs(spread) < 0.001
                then
                    cast(amount + base_amount as double) / cast(2 as double)
                    / (
                        cast(1 as double) + spread * spread / cast(3 as double)
                        + spread * spread * spread * spread / cast(5 as double)
                    )
            else cast(gained as double) / nullif(amount_log, 0)
        end as log_mean
    from described
),

factors as (
    select
        *,
        1 as position,
        'volume' as part,
        base_volume as base_numerator,
        volume as numerator,
        cast(null as decimal(28, 4)) as base_denominator,
        cast(null as decimal(28, 4)) as denominator,
        case moved_by
            when 'all' then log_mean * volume_log
            when 'volume' then gained
            else cast(0 as double)
        end as factor_effect
    from placed
    where is_split

    union all

    select
        *,
        2 as position,
        'rate' as part,
        base_successes as base_numerator,
        successes as numerator,
        base_volume as base_denominator,
        volume as denominator,
        case moved_by
            when 'all' then log_mean * (successes_log - volume_log)
            when 'rate' then gained
            else cast(0 as double)
        end as factor_effect
    from placed
    where is_split

    union all

    select
        *,
        2 as position,
        'successes' as part,
        base_successes as base_numerator,
        successes as numerator,
        cast(null as decimal(28, 4)) as base_denominator,
        cast(null as decimal(28, 4)) as denominator,
        case
            when moved_by = 'successes and value' then log_mean * successes_log
            when has_successes then cast(0 as double)
            else gained
        end as factor_effect
    from placed
    where not is_split

    union all

    select
        *,
        3 as position,
        'value' as part,
        base_amount as base_numerator,
        amount as numerator,
        base_successes as base_denominator,
        successes as denominator,
        case
            when moved_by in ('all', 'successes and value')
                then log_mean * (amount_log - successes_log)
            when moved_by = 'value' then gained
            else cast(0 as double)
        end as factor_effect
    from placed

    union all

    select
        *,
        4 as position,
        'deducted' as part,
        base_deducted as base_numerator,
        deducted as numerator,
        cast(null as decimal(28, 4)) as base_denominator,
        cast(null as decimal(28, 4)) as denominator,
        cast(null as double) as factor_effect
    from placed
    where tree in ('{{ names.deducted.keys() | join("', '") }}')
),

rounded as (
    select
        *,
        case
            when part = 'deducted' then cast(base_deducted - deducted as decimal(28, 4))
            else {{ four_decimals('factor_effect') }}
        end as effect
    from factors
),

rests as (
    select
        *,
        amount - base_amount - sum(case when part <> 'deducted' then effect else 0 end)
            over (partition by {{ key }}) as rest,
        row_number() over (
            partition by {{ key }}, case when part = 'deducted' then 1 else 0 end
            order by abs(effect) desc nulls last, position nulls last
        ) as place
    from rounded
),

reconciled as (
    select
        {{ key }},
        case part
            {%- for part, by_tree in names.items() %}
                when '{{ part }}'
                    then case tree
                        {%- for tree, name in by_tree.items() %}
                            when '{{ tree }}' then '{{ name }}'
                        {%- endfor %}
                    end
            {%- endfor %}
        end as driver,
        cast(position as bigint) as position,
        base_numerator,
        numerator,
        base_denominator,
        denominator,
        case
            when base_denominator is null then cast(base_numerator as double)
            else {{ ratio('base_numerator', 'base_denominator') }}
        end as base_driver_value,
        case
            when denominator is null then cast(numerator as double)
            else {{ ratio('numerator', 'denominator') }}
        end as driver_value,
        cast(base_amount - base_deducted as decimal(28, 4)) as base_revenue,
        cast(amount - deducted as decimal(28, 4)) as revenue,
        cast(
            (amount - deducted) - (base_amount - base_deducted) as decimal(28, 4)
        ) as revenue_change,
        cast(
            case when part <> 'deducted' and place = 1 then effect + rest else effect end
            as decimal(28, 4)
        ) as effect
    from rests
),

driver_effects as (
    select
        *,
        {{ signed_ratio('effect', 'revenue_change') }} as explained_share,
        cast(
            row_number() over (
                partition by {{ key }} order by abs(effect) desc nulls last, position nulls last
            ) as bigint
        ) as rank
    from reconciled
)
{%- endmacro %}
