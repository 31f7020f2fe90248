{# A text by which spellings are compared: without case and without the accents of Latin letters. #}
{% macro folded(text) -%}
    {%- set accented = {
        'a': 'àáâãäåāăąǎạảấầẩẫậắằẳẵặ',
        'c': 'çćĉċč',
        'd': 'ďđ',
        'e': 'èéêëēĕėęěẹẻẽếềểễệ',
        'g': 'ĝğġģ',
        'h': 'ĥħ',
        'i': 'ìíîïĩīĭįǐỉị',
        'j': 'ĵ',
        'k': 'ķ',
        'l': 'ĺļľł',
        'n': 'ñńņň',
        'o': 'òóôõöøōŏőơǒọỏốồổỗộớờởỡợ',
        'r': 'ŕŗř',
        's': 'śŝşšș',
        't': 'ţťŧț',
        'u': 'ùúûüũūŭůűųưǔụủứừửữự',
        'w': 'ŵẁẃẅ',
        'y': 'ýÿŷẏỳỵỷỹ',
        'z': 'źżž',
    } -%}
    {#- The accents of decomposed text, which are dropped. -#}
    {%- set marks = '\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308'
        ~ '\u0309\u030a\u030b\u030c\u031b\u0323\u0326\u0327\u0328' -%}
    {%- set plain = [] -%}
    {%- for letter, forms in accented.items() -%}
        {%- do plain.append(letter * (forms | length)) -%}
    {%- endfor -%}
    translate({{ lowered(text) }}, '{{ accented.values() | join }}{{ marks }}', '{{ plain | join }}')
{%- endmacro %}
