{% macro postgres__alter_relation_comment(relation, relation_comment) -%}
comment on {{ (relation.type or 'table') | replace('_', ' ') }} {{ relation }} is {{ string_literal(escape_single_quotes(relation_comment)) }};
{%- endmacro %}
