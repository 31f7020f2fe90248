{#
    The text of a campaign tag: decoded, without outer blanks; null where there is none. A parameter
    of the page that was taken for a part of it (`sale?token=...`, encoded however often) may name a
    person: the text ends there. A mark without a sign of equality (`R&D`, `Ready?`) begins none.
#}
{% macro tag_text(tag) -%}
    {%- set parameter = hidden_parameter('?&;#', ' ') -%}
    {{ stated_tag(trimmed(
        "regexp_extract(" ~ url_decoded(trimmed(tag)) ~ ", '(?is)^(.*?)(?:" ~ parameter ~ "|"
        ~ text_end() ~ ")', 1)"
    )) }}
{%- endmacro %}

{# What a tag says, for comparison: in lower case; null where it says nothing. #}
{% macro tag_word(tag) -%}
    {{ lowered(stated_tag(tag)) }}
{%- endmacro %}

{# A tag as it is; null where it is empty, or a word for nothing from a form or an export. #}
{% macro stated_tag(tag) -%}
    case when {{ lowered(tag) }} not in ('{{ words_for_nothing() | join("', '") }}') then {{ tag }} end
{%- endmacro %}

{# What trackers, forms and exports write where there is no value, in lower case. #}
{% macro words_for_nothing() -%}
    {{ return(['', '(not set)', '(not provided)', 'null', 'undefined', 'nan', 'n/a']) }}
{%- endmacro %}

{# The columns source_word, medium_word and campaign_word, which `traffic_source` reads: as columns,
   since it looks at each of them often. #}
{% macro tag_words(source, medium, campaign) -%}
    {{ tag_word(source) }} as source_word,
    {{ tag_word(medium) }} as medium_word,
    {{ tag_word(campaign) }} as campaign_word
{%- endmacro %}
