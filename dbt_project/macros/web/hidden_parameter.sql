{#
    A pattern for the beginning of a parameter where no query is split: one of `marks`, or a mark that is
    encoded, however often, then a name and a sign of equality; the name is its first group. Campaigns
    are called R&D or buy;save: a mark alone begins none, nor does one before a text with `blanks`.
#}
{% macro hidden_parameter(marks, blanks) -%}
    {%- set mark = '(?:[' ~ marks ~ ']|%(?:25)*(?:3f|26|3b|23))' -%}
    {%- set name = '((?:[^=?&;#%' ~ blanks ~ ']|%(?:25)*(?:2[de]|5[bdf]|[89a-f][0-9a-f]))+)' -%}
    {{ mark ~ name ~ '(?:=|%(?:25)*3d)' }}
{%- endmacro %}
