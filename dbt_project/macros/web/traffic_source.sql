{#
  The columns source, medium, campaign and click_id_type of a visit, as the channel rules read them.
  Tags win over the referrer; a referrer from the visited site or from one of `own_hosts` is
  internal and counts as none; a visit with neither, or tagged as direct in any spelling, is
  '(direct)' / '(none)'. Staging has decoded the tags (tag_text); what they say is read from the columns
  of tag_words, how the campaign is spelt from `campaign`.
#}
{% macro traffic_source(campaign, referrer_host, click_id_type) -%}
    {%- set is_direct -%}
        coalesce(source_word, '(direct)') in ('direct', '(direct)')
        and coalesce(medium_word, '(none)') in ('none', '(none)')
        and (source_word is not null or {{ referrer_host }} is null)
    {%- endset -%}
    case
        when {{ is_direct }} then '(direct)'
        else coalesce(source_word, {{ referrer_host }}, '(not set)')
    end as source,
    case
        when {{ is_direct }} then '(none)'
        when medium_word in ('none', '(none)') then
            case when source_word is null then 'referral' else '(none)' end
        when medium_word is not null then medium_word
        when source_word is null then 'referral'
        else '(not set)'
    end as medium,
    case
        when campaign_word not in ('(direct)', '(none)', '(organic)', '(referral)')
            then {{ campaign }}
        else '(not set)'
    end as campaign,
    coalesce({{ lowered(trimmed(click_id_type)) }}, '(none)') as click_id_type
{%- endmacro %}

{# The integer key of a visit's traffic source. #}
{% macro traffic_source_key() -%}
    {{ integer_key(['source', 'medium', 'campaign', 'click_id_type']) }}
{%- endmacro %}
