{# A text by which spellings are compared: without case and without the accents of Latin letters. #}
{% macro folded(text) -%}
    {#- The marks after the letters are the accents of decomposed text; they are dropped. -#}
    {%- set accented = 'àáâãäåāăąçćčďèéêëēėęěğìíîïīįłñńňòóôõöøōőřśşšťùúûüūůűųýÿźżž' -%}
    {%- set plain =    'aaaaaaaaacccdeeeeeeeegiiiiiilnnnoooooooorssstuuuuuuuuyyzzz' -%}
    {%- set marks = '\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030b\u030c\u0327\u0328' -%}
    translate({{ lowered(text) }}, '{{ accented }}{{ marks }}', '{{ plain }}')
{%- endmacro %}
