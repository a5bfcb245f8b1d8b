{#- Names of relations have up to 63 bytes, of which a letter of Hangul takes three. What is made
    beside a relation shares as much of its name as leaves room.
    See <https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS>. -#}
{% macro postgres__make_intermediate_relation(base_relation, suffix) -%}
    {{ return(base_relation.incorporate(path={'identifier': dbt.name_beside(base_relation.identifier, suffix)})) }}
{%- endmacro %}

{#- Temporary tables have a schema of their own, one a session. -#}
{% macro postgres__make_temp_relation(base_relation, suffix) -%}
    {{ return(base_relation.incorporate(
        path={'identifier': dbt.name_beside(base_relation.identifier, suffix), 'schema': none, 'database': none}, type='table'
    )) }}
{%- endmacro %}

{% macro postgres__make_backup_relation(base_relation, backup_relation_type, suffix) -%}
    {{ return(base_relation.incorporate(
        path={'identifier': dbt.name_beside(base_relation.identifier, suffix)}, type=backup_relation_type
    )) }}
{%- endmacro %}

{#- A name with a suffix; a name too long for it is cut, and told apart by its hash. -#}
{% macro name_beside(name, suffix) -%}
    {%- set room = 63 - dbt.bytes_of(suffix) -%}
    {%- if dbt.bytes_of(name) <= room -%}
        {{ return(name ~ suffix) }}
    {%- endif -%}
    {%- set mark = '_' ~ local_md5(name)[:8] -%}
    {{ return(dbt.cut_to_bytes(name, room - 9) ~ mark ~ suffix) }}
{%- endmacro %}

{#- How many bytes a text takes in UTF-8. -#}
{% macro bytes_of(text) -%}
    {{ return(text.encode('utf-8') | length) }}
{%- endmacro %}

{#- The first letters of a text, as many as the bytes hold. -#}
{% macro cut_to_bytes(text, bytes) -%}
    {%- set cut = namespace(bytes=0, text='') -%}
    {%- for letter in text | list -%}
        {%- set cut.bytes = cut.bytes + (letter.encode('utf-8') | length) -%}
        {%- if cut.bytes <= bytes -%}
            {%- set cut.text = cut.text ~ letter -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(cut.text) }}
{%- endmacro %}

{#- The server would cut a longer name in silence, and never find it again. -#}
{% macro check_identifier(relation) -%}
    {%- if relation.identifier.encode('utf-8') | length > 63 -%}
        {%- do exceptions.raise_compiler_error(
            "Relation name '" ~ relation.identifier ~ "' is longer than 63 characters: it takes "
            ~ dbt.bytes_of(relation.identifier) ~ " bytes, a letter of Hangul three; give the node a shorter `alias`"
        ) -%}
    {%- endif -%}
{%- endmacro %}
