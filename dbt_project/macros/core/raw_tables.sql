{#
    Every raw table: the model that reads it; `counted_on`, the day by which KPIs count its rows,
    where a row alone tells it, and `counted_with`, the table whose row tells it otherwise; `signs`, the instants which tell that it is still delivered, none where a
    table is no log of events; and `comes_daily` where a source that brought so many `rows` a day, each part `of` it by
    itself, and brings none is missed for so many days, before it counts as ended.
    A deal that closes and a lead that moves on are signs of life as new ones are.
#}
{% macro raw_tables() -%}
    {{ return({
        'web_events': {
            'model': 'stg_web__events',
            'counted_on': business_date('occurred_at'),
            'signs': ['occurred_at'],
            'comes_daily': {'rows': 8, 'missed_for': var('silent_source_days')},
        },
        'web_sessions': {
            'model': 'stg_web__sessions',
            'counted_on': business_date('started_at'),
            'signs': ['started_at'],
            'comes_daily': {'rows': 8, 'missed_for': var('silent_source_days')},
        },
        'ads_spend': {
            'model': 'stg_ads__spend',
            'counted_on': 'spend_date',
            'signs': [business_day_start('spend_date')],
            'comes_daily': {
                'rows': 1, 'of': 'platform', 'missed_for': stale_after_days_by_source('ads_spend'),
            },
        },
        'crm_leads': {
            'model': 'stg_crm__leads',
            'counted_on': business_date('created_at'),
            'signs': [
                'created_at', 'mql_at', 'sql_at', 'converted_at', 'disqualified_at', 'updated_at',
            ],
            'comes_daily': {'rows': 8, 'missed_for': var('silent_source_days')},
        },
        'crm_opportunities': {
            'model': 'stg_crm__opportunities',
            'signs': ['created_at', 'closed_at', 'updated_at'],
        },
        'crm_opportunity_stages': {'model': 'stg_crm__opportunity_stages', 'signs': ['entered_at']},
        'crm_stages': {'model': 'stg_crm__stages', 'signs': []},
        'crm_reps': {'model': 'stg_crm__reps', 'signs': []},
        'crm_activities': {
            'model': 'stg_crm__activities',
            'counted_on': business_date('occurred_at'),
            'signs': ['occurred_at'],
        },
        'crm_campaign_members': {
            'model': 'stg_crm__campaign_members',
            'counted_on': business_date('responded_at'),
            'signs': ['responded_at'],
        },
        'shop_customers': {'model': 'stg_shop__customers', 'signs': ['created_at']},
        'shop_products': {'model': 'stg_shop__products', 'signs': []},
        'shop_orders': {
            'model': 'stg_shop__orders',
            'counted_on': business_date('ordered_at'),
            'signs': ['ordered_at'],
            'comes_daily': {'rows': 8, 'missed_for': var('silent_source_days')},
        },
        'shop_order_items': {
            'model': 'stg_shop__order_items', 'counted_with': 'shop_orders', 'signs': [],
        },
        'shop_refunds': {
            'model': 'stg_shop__refunds',
            'counted_on': business_date('refunded_at'),
            'signs': ['refunded_at'],
        },
        'support_tickets': {
            'model': 'stg_support__tickets',
            'counted_on': business_date('created_at'),
            'signs': ['created_at', 'first_replied_at', 'solved_at', 'updated_at'],
            'comes_daily': {'rows': 8, 'missed_for': var('silent_source_days')},
        },
        'survey_responses': {
            'model': 'stg_survey__responses',
            'counted_on': business_date('coalesce(sent_at, answered_at)'),
            'signs': ['sent_at', 'answered_at'],
        },
    }) }}
{%- endmacro %}

{# A source is busy that had rows on the same weekdays, at least so many `open_weekdays`, all through a
   `window` of days, but for so many `departures`: days without rows on one of them, or with rows on
   another. So is a company's that rests at the weekend. #}
{% macro busy_source() -%}
    {{ return({'window': 28, 'open_weekdays': 5, 'departures': 2}) }}
{%- endmacro %}

{# The days without a sign of life after which a raw table counts as stale. #}
{% macro stale_after_days(table) -%}
    {{ return(var('stale_after_days_of').get(table, var('stale_after_days'))) }}
{%- endmacro %}

{# The same of a source of the table, which may have days of its own. #}
{% macro stale_after_days_by_source(table) -%}
    {%- set own = [] -%}
    {%- for name, days in var('stale_after_days_of').items() if name.endswith('.' ~ table) -%}
        {%- do own.append(" when '" ~ name.split('.')[0] ~ "' then " ~ days) -%}
    {%- endfor -%}
    {%- set others = stale_after_days(table) -%}
    {{ return(('case source_name' ~ own | join ~ ' else ' ~ others ~ ' end') if own else others) }}
{%- endmacro %}

{# The sources that bring nothing more, quoted. An empty name, which none has, is always in the list. #}
{% macro ended_sources() -%}
    {{ return("'" ~ ([''] + var('ended_sources')) | join("', '") ~ "'") }}
{%- endmacro %}

{# The sources that bring this table by the month, quoted, as `ended_sources` are. #}
{% macro monthly_sources(table) -%}
    {%- set sources = [''] -%}
    {%- for name in var('monthly_files') if name.split('.')[1] == table -%}
        {%- do sources.append(name.split('.')[0]) -%}
    {%- endfor -%}
    {{ return("'" ~ sources | join("', '") ~ "'") }}
{%- endmacro %}

{# The latest of the signs of life of a table's rows. What is dated after the clock is a plan, and none. #}
{% macro latest_sign(signs) -%}
    {%- set latest = [] -%}
    {%- for sign in signs -%}
        {%- do latest.append('max(case when ' ~ sign ~ ' <= ' ~ as_of() ~ ' then ' ~ sign ~ ' end)') -%}
    {%- endfor -%}
    {%- if latest | length > 1 -%} greatest({{ latest | join(', ') }})
    {%- else -%} {{ latest | first or 'null' }}
    {%- endif -%}
{%- endmacro %}
