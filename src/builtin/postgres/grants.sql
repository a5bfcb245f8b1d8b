{#- Who may do what with a relation, its owner apart. -#}
{% macro postgres__get_show_grant_sql(relation) -%}
    select
        case when a.grantee = 0 then 'public' else pg_catalog.pg_get_userbyid(a.grantee)::text end as grantee,
        lower(a.privilege_type) as privilege_type
    from pg_catalog.pg_class as c, lateral pg_catalog.aclexplode(c.relacl) as a
    where c.oid = to_regclass({{ string_literal(escape_single_quotes(relation.include(database=false) | string)) }})
        and a.grantee <> c.relowner
{%- endmacro %}

{#- A relation that is made anew has none of the old one's rights. -#}
{% macro postgres__copy_grants() -%}
    {{ return(false) }}
{%- endmacro %}
