{#
    The parameters of an address that tell something, each after an '&'; null where it has none. A site's
    script that passes on what was not there writes `gclid=undefined`: no tag, and no click on an ad.
#}
{% macro url_parameters(url) -%}
    {%- set encoded = {
        '(': '(?:[(]|%28)',
        ')': '(?:[)]|%29)',
        ' ': '(?:[+ ]|%20)',
        '/': '(?:/|%2f)',
    } -%}
    {%- set words = [] -%}
    {%- for letter in words_for_nothing() | join('|') -%}
        {%- do words.append(encoded.get(letter, letter)) -%}
    {%- endfor -%}
    {%- set blanks = encoded[' '] ~ '*' -%}
    {%- set nothing = '&[^=&#]*=' ~ blanks ~ '(?:' ~ words | join ~ ')' ~ blanks -%}
    {%- set pattern = "'(?i)(?:" ~ nothing ~ ")+(?:[&#]|" ~ text_end() ~ ")'" -%}
    case
        when contains({{ url }}, '?')
            then {{ all_replaced("'&' || regexp_extract(" ~ url ~ ", '(?s)[?](.*)', 1)", pattern, "'&'") }}
    end
{%- endmacro %}

{#
    The columns source_tag, ..., term_tag, click_id_tag and click_id_type_tag of a row: a campaign's tags as the row
    states them, else as its address does, utm_source or Matomo's mtm_source, and so the click identifier
    and its name. `parameters` is a column of url_parameters; not every table states clicks.
#}
{% macro url_tags(parameters, states_clicks=true) -%}
    {%- set names = click_identifiers() | join('|') -%}
    {%- for tag in ['source', 'medium', 'campaign', 'content', 'term'] -%}
        {#- Matomo's word for a term is keyword. -#}
        {%- set name = '(?:utm_term|mtm_keyword|mtm_kwd)' if tag == 'term' else '[um]tm_' ~ tag -%}
        coalesce(
            {{ stated_tag(trimmed('utm_' ~ tag)) }},
            {{ url_parameter(parameters, name ~ '=([^&#]+)') }}
        ) as {{ tag }}_tag,
    {% endfor -%}
    {%- for column, pattern in {
        'click_id': '(?:' ~ names ~ ')=([^&#]+)',
        'click_id_type': '(' ~ names ~ ')=[^&#]',
    }.items() -%}
        coalesce(
            {% if states_clicks -%} {{ stated_tag(trimmed(column)) }}, {% endif -%}
            {{ url_parameter(parameters, pattern) }}
        ) as {{ column }}_tag
        {%- if not loop.last %},{% endif %}
    {% endfor -%}
{%- endmacro %}

{# What a pattern finds in the parameters of an address; null where it is nothing. #}
{% macro url_parameter(parameters, pattern) -%}
    nullif(regexp_extract({{ parameters }}, '(?i)&{{ pattern }}', 1), '')
{%- endmacro %}

{# Names of the parameters that ad platforms add to the address behind a click. #}
{% macro click_identifiers() -%}
    {{ return([
        'gclid',
        'gbraid',
        'wbraid',
        'msclkid',
        'yclid',
        'dclid',
        'ttclid',
        'twclid',
        'li_fat_id',
        'sccid',
        'rdt_cid',
        'fbclid',
        'igshid',
        'epik',
    ]) }}
{%- endmacro %}
