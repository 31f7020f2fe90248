{#
  The columns source, medium, campaign and click_id_type of a visit, as the channel rules read them.
  Tags win over the referrer; a referrer from the visited site or from one of `own_hosts` is
  internal and counts as none; a visit with neither is '(direct)' / '(none)'.
#}
{% macro traffic_source(utm_source, utm_medium, utm_campaign, referrer_host, click_id_type) -%}
    coalesce(
        lower({{ utm_source }}), {{ referrer_host }},
        case when {{ utm_medium }} is null then '(direct)' else '(not set)' end
    ) as source,
    coalesce(
        lower({{ utm_medium }}),
        case
            when {{ utm_source }} is not null then '(not set)'
            when {{ referrer_host }} is not null then 'referral'
            else '(none)'
        end
    ) as medium,
    coalesce({{ utm_campaign }}, '(not set)') as campaign,
    coalesce(lower({{ click_id_type }}), '(none)') as click_id_type
{%- endmacro %}

{# The integer key of a visit's traffic source. #}
{% macro traffic_source_key() -%}
    {{ integer_key(['source', 'medium', 'campaign', 'click_id_type']) }}
{%- endmacro %}
