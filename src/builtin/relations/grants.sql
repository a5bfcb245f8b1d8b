{#- Gives the rights that the config `grants` names. -#}
{% macro apply_grants(relation, grant_config, should_revoke=true) -%}
    {{ return(adapter.dispatch('apply_grants', 'dbt')(relation, grant_config, should_revoke)) }}
{%- endmacro %}

{% macro default__apply_grants(relation, grant_config, should_revoke=true) -%}
    {%- if not grant_config -%}
        {{ return('') }}
    {%- endif -%}
    {%- if get_show_grant_sql(relation) is none -%}
        {%- do exceptions.warn("`grants` of `" ~ relation ~ "` are not applied: they are not supported on " ~ adapter.type()) -%}
        {{ return('') }}
    {%- endif -%}
    {%- set wanted = dbt.privileges_of(grant_config) -%}
    {%- set there = {} -%}
    {%- if should_revoke -%}
        {%- set there = dbt.privileges_of(adapter.standardize_grants_dict(run_query(get_show_grant_sql(relation)))) -%}
    {%- endif -%}
    {%- set revoke = diff_of_two_dicts(there, wanted) -%}
    {%- set grant = diff_of_two_dicts(wanted, there) -%}
    {%- if not revoke and not grant -%}
        {%- do log('On ' ~ relation ~ ': All grants are in place, no revocation or granting needed.') -%}
        {{ return('') }}
    {%- endif -%}
    {%- set statements = get_dcl_statement_list(relation, revoke, get_revoke_sql) + get_dcl_statement_list(relation, grant, get_grant_sql) -%}
    {%- if statements -%}
        {%- do call_dcl_statements(statements) -%}
    {%- endif -%}
{%- endmacro %}

{#- Privileges in small letters, each with the list of who has it. -#}
{% macro privileges_of(grants) -%}
    {%- set found = {} -%}
    {%- for privilege in grants -%}
        {%- do found.update({privilege | lower: dbt.as_list(grants[privilege])}) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{#- A query with `grantee` and `privilege_type` of each right on a relation; `none` where the
    warehouse has none. -#}
{% macro get_show_grant_sql(relation) -%}
    {{ return(adapter.dispatch('get_show_grant_sql', 'dbt')(relation)) }}
{%- endmacro %}

{% macro default__get_show_grant_sql(relation) -%}
    {{ return(none) }}
{%- endmacro %}

{% macro get_grant_sql(relation, privilege, grantees) -%}
    {{ return(adapter.dispatch('get_grant_sql', 'dbt')(relation, privilege, grantees)) }}
{%- endmacro %}

{% macro default__get_grant_sql(relation, privilege, grantees) -%}
grant {{ privilege }} on {{ relation.render() }} to {{ dbt.grantees(grantees) }}
{%- endmacro %}

{% macro get_revoke_sql(relation, privilege, grantees) -%}
    {{ return(adapter.dispatch('get_revoke_sql', 'dbt')(relation, privilege, grantees)) }}
{%- endmacro %}

{% macro default__get_revoke_sql(relation, privilege, grantees) -%}
revoke {{ privilege }} on {{ relation.render() }} from {{ dbt.grantees(grantees) }}
{%- endmacro %}

{#- Names of roles, in quotes where they need them. -#}
{% macro grantees(names) -%}
    {%- set written = [] -%}
    {%- for name in names -%}
        {%- do written.append(name if modules.re.match('^([A-Za-z_][A-Za-z0-9_$]*|".*")$', name) else adapter.quote(name)) -%}
    {%- endfor -%}
    {{ return(written | join(', ')) }}
{%- endmacro %}

{#- Whether one statement gives a right to several. -#}
{% macro support_multiple_grantees_per_dcl_statement() -%}
    {{ return(adapter.dispatch('support_multiple_grantees_per_dcl_statement', 'dbt')()) }}
{%- endmacro %}

{% macro default__support_multiple_grantees_per_dcl_statement() -%}
    {{ return(true) }}
{%- endmacro %}

{#- The statements for some rights, written by one of the two macros above. -#}
{% macro get_dcl_statement_list(relation, grant_config, get_dcl_macro) -%}
    {{ return(adapter.dispatch('get_dcl_statement_list', 'dbt')(relation, grant_config, get_dcl_macro)) }}
{%- endmacro %}

{% macro default__get_dcl_statement_list(relation, grant_config, get_dcl_macro) -%}
    {%- set statements = [] -%}
    {%- for privilege in grant_config -%}
        {%- if support_multiple_grantees_per_dcl_statement() -%}
            {%- do statements.append(get_dcl_macro(relation, privilege, grant_config[privilege])) -%}
        {%- else -%}
            {%- for grantee in grant_config[privilege] -%}
                {%- do statements.append(get_dcl_macro(relation, privilege, [grantee])) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(statements) }}
{%- endmacro %}

{#- Runs them. -#}
{% macro call_dcl_statements(dcl_statement_list) -%}
    {{ return(adapter.dispatch('call_dcl_statements', 'dbt')(dcl_statement_list)) }}
{%- endmacro %}

{% macro default__call_dcl_statements(dcl_statement_list) -%}
    {%- call statement('grants') -%}
        {%- for dcl_statement in dcl_statement_list %}
{{ dcl_statement }};
        {%- endfor %}
    {%- endcall -%}
{%- endmacro %}

{#- Whether a relation that is replaced keeps the rights on it. -#}
{% macro copy_grants() -%}
    {{ return(adapter.dispatch('copy_grants', 'dbt')()) }}
{%- endmacro %}

{% macro default__copy_grants() -%}
    {{ return(true) }}
{%- endmacro %}

{#- Whether rights from earlier runs may be there to be taken back. -#}
{% macro should_revoke(existing_relation, full_refresh_mode=true) -%}
    {%- if existing_relation is none -%}
        {{ return(false) }}
    {%- endif -%}
    {{ return(copy_grants() if full_refresh_mode else true) }}
{%- endmacro %}
