{#
  The columns source, medium, campaign and click_id_type of a visit, as the channel rules read them.
  Tags win over the referrer; a referrer from the visited site or from one of `own_hosts` is
  internal and counts as none; a visit with neither, or tagged as direct in any spelling, is
  '(direct)' / '(none)'. Staging has decoded the tags (tag_text); source, medium and campaign_word are
  what tag_word makes of them, as columns: each is looked at often.
#}
{% macro traffic_source(source, medium, campaign, campaign_word, referrer_host, click_id_type) -%}
    {%- set is_direct -%}
        coalesce({{ source }}, '(direct)') in ('direct', '(direct)')
        and coalesce({{ medium }}, '(none)') in ('none', '(none)')
        and ({{ source }} is not null or {{ referrer_host }} is null)
    {%- endset -%}
    case
        when {{ is_direct }} then '(direct)'
        else coalesce({{ source }}, {{ referrer_host }}, '(not set)')
    end as source,
    case
        when {{ is_direct }} then '(none)'
        when {{ medium }} in ('none', '(none)') then
            case when {{ source }} is null then 'referral' else '(none)' end
        when {{ medium }} is not null then {{ medium }}
        when {{ source }} is null then 'referral'
        else '(not set)'
    end as medium,
    case
        when {{ campaign_word }} not in ('(direct)', '(none)', '(organic)', '(referral)')
            then {{ campaign }}
        else '(not set)'
    end as campaign,
    coalesce(lower({{ trimmed(click_id_type) }}), '(none)') as click_id_type
{%- endmacro %}

{# The integer key of a visit's traffic source. #}
{% macro traffic_source_key() -%}
    {{ integer_key(['source', 'medium', 'campaign', 'click_id_type']) }}
{%- endmacro %}
