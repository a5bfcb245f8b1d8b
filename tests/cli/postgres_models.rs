//! What each materialization makes of changes on Postgres, one subject a test.

use crate::services::{self, Database};
use crate::test_project::TestProject;

fn project(database: &Database) -> TestProject {
    TestProject::new()
        .file("project.yml", "name: shop\nprofile: shop\n")
        .file("profiles.yml", database.profile(""))
}

/// The one text that a query gives.
#[track_caller]
fn one(database: &Database, sql: &str) -> String {
    database.client().query_one(sql, &[]).unwrap().get::<_, Option<String>>(0).unwrap_or_default()
}

/// `name kind` of each relation in the schema.
fn relations(database: &Database) -> String {
    one(
        database,
        "select string_agg(relname || ' ' || relkind::text, ', ' order by relname) from pg_class c \
         join pg_namespace n on n.oid = relnamespace where nspname = 'shop' and relkind in ('r', 'v', 'm')",
    )
}

/// The definitions of a relation's indexes, without their names.
fn indexes(database: &Database, relation: &str) -> String {
    one(
        database,
        &format!(
            "select string_agg(case when indexdef like '%UNIQUE%' then 'unique ' else '' end \
             || split_part(indexdef, ' USING ', 2), ', ' order by split_part(indexdef, ' USING ', 2)) \
             from pg_indexes where schemaname = 'shop' and tablename = '{relation}'"
        ),
    )
}

fn materialized_view(more: &str) -> String {
    format!(
        "{{{{ config(materialized='materialized_view'{more}) }}}} select id, name from {{{{ ref('rows') }}}}"
    )
}

#[test]
fn changes_of_a_materialized_view_are_applied_left_or_refused() {
    let Some(database) = services::postgres("materialized_views") else { return };
    let project = project(&database)
        .file("seeds/rows.csv", "id,name\n1,가\n2,나\n")
        .model("모음", &materialized_view(", indexes=[{'columns': ['id']}]"));
    project.run("build").succeeds();
    assert_eq!(relations(&database), "rows r, 모음 m");
    assert_eq!(indexes(&database, "모음"), "btree (id)");

    // Several at once: one goes, two come.
    let two = "indexes=[{'columns': ['id'], 'unique': true}, {'columns': ['id', 'name'], 'type': 'btree'}]";
    project
        .write("models/모음.sql", materialized_view(&format!(", on_configuration_change='continue', {two}")));
    database.client().batch_execute("insert into shop.rows values (3, '다')").unwrap();
    project.run("run").succeeds().says("was set to `continue`");
    assert_eq!(indexes(&database, "모음"), "btree (id)");
    assert_eq!(one(&database, "select count(*)::text from shop.모음"), "2", "it is left as it is");
    project.write("models/모음.sql", materialized_view(&format!(", on_configuration_change='fail', {two}")));
    project.run("run").exits(1).says("was set to `fail`").says("--full-refresh");
    assert_eq!(indexes(&database, "모음"), "btree (id)");
    project.write("models/모음.sql", materialized_view(&format!(", {two}")));
    project.run("run").succeeds();
    assert_eq!(indexes(&database, "모음"), "unique btree (id), btree (id, name)");
    assert_eq!(one(&database, "select count(*)::text from shop.모음"), "3");
    // Nothing changed: its rows are made anew, its indexes are the same ones.
    let names = "select string_agg(indexname, ' ' order by 1) from pg_indexes where tablename = '모음'";
    let before = one(&database, names);
    project.run("run").succeeds();
    assert_eq!(one(&database, names), before);

    // Other materializations take its place, and give it back.
    for (kind, letter) in
        [("view", "v"), ("table", "r"), ("materialized_view", "m"), ("table", "r"), ("view", "v")]
    {
        project.write("models/모음.sql", format!("{{{{ config(materialized='{kind}') }}}} select 1 as id"));
        project.run("run").succeeds();
        assert_eq!(relations(&database), format!("rows r, 모음 {letter}"));
    }
}

#[test]
fn a_table_that_is_built_anew_takes_views_on_it_along_and_the_run_makes_them_again() {
    let Some(database) = services::postgres("dependents") else { return };
    let project = project(&database)
        .model("base", "{{ config(materialized='table') }} select 1 as id")
        .model("on_base", "select id from {{ ref('base') }}")
        .model("kept", "{{ config(materialized='materialized_view') }} select id from {{ ref('on_base') }}")
        .model("last", "{{ config(materialized='table') }} select id from {{ ref('kept') }}");
    for _ in 0..3 {
        project.run("build").succeeds().says("PASS=4");
        assert_eq!(relations(&database), "base r, kept m, last r, on_base v");
    }
    project.run("build --full-refresh").succeeds().says("PASS=4");
}

#[test]
fn constraints_are_enforced_and_what_was_there_stays() {
    let Some(database) = services::postgres("constraints") else { return };
    let properties = "models:
- name: 고객
  config: {contract: {enforced: true}}
  constraints:
  - {type: primary_key, columns: [id]}
  - {type: check, expression: \"name <> ''\", name: name_is_there}
  columns:
  - {name: id, data_type: int}
  - {name: name, data_type: varchar(20), constraints: [{type: not_null}, {type: unique}]}
- name: 주문
  config: {contract: {enforced: true}}
  columns:
  - {name: id, data_type: bigint, constraints: [{type: not_null}]}
  - name: 고객_id
    data_type: integer
    constraints: [{type: foreign_key, to: ref('고객'), to_columns: [id]}]
";
    let customers = |rows: &str| {
        format!("{{{{ config(materialized='table') }}}} select name, id from (values {rows}) as v (id, name)")
    };
    let project = project(&database)
        .file("models/m.yml", properties)
        .model("고객", &customers("(1, '가'), (2, '나')"))
        .model("주문", "{{ config(materialized='table') }} select 1::bigint as id, 1 as 고객_id from {{ ref('고객') }} limit 1");
    project.run("build").succeeds();
    // As tables that a key points at are built anew, the key is gone until the other is, too.
    project.run("build").succeeds();
    // Since version 18 `not null` is one of them.
    let kinds = "select string_agg(contype::text, '' order by contype) from pg_constraint where contype <> 'n' and conrelid = 'shop.";
    assert_eq!(one(&database, &format!("{kinds}고객'::regclass")), "cpu");
    assert_eq!(one(&database, &format!("{kinds}주문'::regclass")), "f");
    assert_eq!(
        one(
            &database,
            "select format_type(atttypid, atttypmod) from pg_attribute where attrelid = 'shop.고객'::regclass and attname = 'name'"
        ),
        "character varying(20)"
    );
    for (rows, told) in [
        ("(1, '가'), (2, null)", "null value in column \"name\""),
        ("(1, '가'), (2, '가')", "duplicate key value violates unique constraint"),
        ("(1, '가'), (1, '나')", "duplicate key value violates unique constraint"),
        ("(1, '')", "violates check constraint"),
        ("(1, '12345678901234567890가')", "value too long for type character varying(20)"),
    ] {
        project.write("models/고객.sql", customers(rows));
        project.run("run --select 고객").exits(1).says(told);
        assert_eq!(one(&database, "select string_agg(name, '' order by id) from shop.고객"), "가나");
    }
    project.write("models/고객.sql", customers("(1, '가')"));
    project.write(
        "models/주문.sql",
        "{{ config(materialized='table') }} select 1::bigint as id, 7 as 고객_id from {{ ref('고객') }}",
    );
    project.run("run").exits(1).says("violates foreign key constraint").says("PASS=1");
    // Whatever kind of text or number it is; other kinds are told before anything is built.
    project.write(
        "models/주문.sql",
        "{{ config(materialized='table') }} select 1 as id, '1' as 고객_id from {{ ref('고객') }}",
    );
    project
        .run("run")
        .exits(1)
        .says("error[contract-mismatch]")
        .says("| 고객_id     | TEXT            | INTEGER       |")
        .says("| id          | INTEGER         | LONGINTEGER   |");
    assert_eq!(relations(&database), "고객 r, 주문 r");
}

#[test]
fn rights_are_given_and_taken_back() {
    let Some(database) = services::postgres("grants") else { return };
    let roles = ["xform_읽기", "xform_other", "xform_third"];
    for role in roles {
        let sql =
            format!("do $$ begin create role \"{role}\"; exception when duplicate_object then null; end $$");
        // Roles are the whole server's: another test run may be making them, too.
        let _ = database.client().batch_execute(&sql);
    }
    let rights = |relation: &str| {
        one(
            &database,
            &format!(
                "select string_agg(grantee::regrole || ' ' || privilege_type, ', ' order by grantee::regrole::text, privilege_type) \
                 from pg_class, aclexplode(relacl) where oid = 'shop.{relation}'::regclass and grantee <> relowner"
            ),
        )
    };
    let properties = |kind: &str, grants: &str| {
        format!("models:\n- name: m\n  config: {{materialized: {kind}, grants: {grants}}}\n")
    };
    let project = project(&database)
        .model("m", "select 1 as id")
        .file("seeds/s.csv", "id\n1\n")
        .file("seeds/s.yml", "seeds:\n- name: s\n  config: {grants: {select: [xform_other]}}\n")
        .file("snapshots/h.yml", "snapshots:\n- name: h\n  relation: ref('s')\n  config: {strategy: check, check_cols: all, unique_key: id, grants: {select: [xform_other, xform_third]}}\n")
        .file("models/m.yml", "");
    for kind in ["table", "view", "incremental", "materialized_view"] {
        project.write(
            "models/m.yml",
            properties(kind, "{select: ['xform_읽기', xform_other], insert: xform_other}"),
        );
        for _ in 0..2 {
            project.run("build").succeeds();
            assert_eq!(
                rights("m"),
                "\"xform_읽기\" SELECT, xform_other INSERT, xform_other SELECT",
                "{kind}"
            );
        }
        project.write("models/m.yml", properties(kind, "{select: [xform_third]}"));
        project.run("build").succeeds();
        assert_eq!(rights("m"), "xform_third SELECT", "{kind}");
        // None at all is something else than nothing said.
        project.write("models/m.yml", properties(kind, "{select: []}"));
        project.run("build").succeeds();
        assert_eq!(rights("m"), "", "{kind}");
        assert_eq!(rights("s"), "xform_other SELECT");
        assert_eq!(rights("h"), "xform_other SELECT, xform_third SELECT");
    }
    project.write("models/m.yml", properties("table", "{select: [xform_nobody]}"));
    project.run("run").exits(1).says("role \"xform_nobody\" does not exist");
}

#[test]
fn names_as_long_as_the_server_takes_are_built_again_and_again() {
    let Some(database) = services::postgres("long_names") else { return };
    // 63 bytes each, alike but for the last: what is made beside them must not be taken for another's.
    let name = |last: &str| format!("{}{last}", "긴".repeat(20));
    // One at a time: the server itself may confuse types of such names that are made at once.
    let output = database.output("").replace("threads: 4", "threads: 1");
    let project = project(&database)
        .file("profiles.yml", format!("shop:\n  target: dev\n  outputs:\n    dev: {output}\n"))
        .file("project.yml", "name: shop\nprofile: shop\ndata_tests: {+store_failures: true}\n")
        .model(&name("표"), "{{ config(materialized='table', indexes=[{'columns': ['id']}]) }} select 1 as id")
        .model(&name("뷰"), "select 1 as id")
        .model(&name("덧"), "{{ config(materialized='incremental', unique_key='id') }} select 1 as id")
        .model(&name("합"), "{{ config(materialized='incremental', incremental_strategy='merge', unique_key='id') }} select 1 as id")
        .model(&name("몸"), "{{ config(materialized='materialized_view') }} select 1 as id")
        .file(&format!("seeds/{}.csv", name("씨")), "id\n1\n")
        .file("snapshots/s.yml", format!("snapshots:\n- name: {}\n  relation: ref('{}')\n  config: {{strategy: check, check_cols: all, unique_key: id}}\n", name("찍"), name("씨")))
        .file("models/m.yml", format!("models:\n- name: {}\n  columns: [{{name: id, data_tests: [unique, not_null]}}]\n", name("표")));
    for options in ["", "", " --full-refresh", ""] {
        project.run(&format!("build{options}")).succeeds().says("PASS=9");
        let mut expected: Vec<String> =
            [("덧", "r"), ("몸", "m"), ("뷰", "v"), ("씨", "r"), ("찍", "r"), ("표", "r"), ("합", "r")]
                .map(|(last, kind)| format!("{} {kind}", name(last)))
                .into();
        expected.sort();
        assert_eq!(relations(&database), expected.join(", "));
    }
    assert_eq!(indexes(&database, &name("표")), "btree (id)");
}

#[test]
fn strategies_of_incremental_models_do_what_they_say() {
    let Some(database) = services::postgres("strategies") else { return };
    let project = project(&database)
        .file("project.yml", "name: shop\nprofile: shop\nmodels: {+materialized: incremental}\n")
        .file("macros/rows.sql", "{% macro rows() %}\nselect * from (values {{ \"(2, 'b2', 20), (3, 'c2', 30)\" if is_incremental() else \"(1, 'a', 1), (2, 'b', 2)\" }}) as v (id, name, n)\n{% endmacro %}")
        .model("adds", "{{ config(incremental_strategy='append') }} {{ rows() }}")
        .model("replaces", "{{ config(incremental_strategy='delete+insert', unique_key=['id', 'name']) }} {{ rows() }}")
        .model("guarded", "{{ config(incremental_strategy='delete+insert', unique_key='id', incremental_predicates=['n > 5']) }} {{ rows() }}")
        .model("merges", "{{ config(incremental_strategy='merge', unique_key='id', merge_update_columns=['name']) }} {{ rows() }}")
        .model("excludes", "{{ config(incremental_strategy='merge', unique_key='id', merge_exclude_columns=['name']) }} {{ rows() }}")
        .model("keyless", "{{ config(incremental_strategy='merge') }} {{ rows() }}")
        .model("plain", "{{ config(unique_key='id') }} {{ rows() }}");
    project.run("run").succeeds();
    project.run("run").succeeds();
    let rows = |name: &str| {
        one(
            &database,
            &format!("select string_agg(id || name || n, ' ' order by id, name, n) from shop.{name}"),
        )
    };
    assert_eq!(rows("adds"), "1a1 2b2 2b220 3c230");
    assert_eq!(rows("replaces"), "1a1 2b2 2b220 3c230");
    assert_eq!(rows("guarded"), "1a1 2b2 2b220 3c230");
    assert_eq!(rows("merges"), "1a1 2b22 3c230");
    assert_eq!(rows("excludes"), "1a1 2b20 3c230");
    assert_eq!(rows("keyless"), "1a1 2b2 2b220 3c230");
    assert_eq!(rows("plain"), "1a1 2b220 3c230");
}

#[test]
fn an_older_server_cannot_merge_and_is_told_what_can_be_done() {
    let Some(database) = services::postgres("older_server") else { return };
    // What the server says of itself is asked where the search path leads.
    let sql = "create schema older; create function older.current_setting(text) returns text language sql as $$ select '140012' $$";
    database.client().batch_execute(sql).unwrap();
    let output = database.output(", search_path: \"older, pg_catalog\"");
    let project = project(&database)
        .file("profiles.yml", format!("shop:\n  target: dev\n  outputs:\n    dev: {output}\n"))
        .model("m", "{{ config(materialized='incremental', incremental_strategy='merge', unique_key='id') }} select 1 as id");
    project.run("run").succeeds();
    project
        .run("run")
        .exits(1)
        .says("needs PostgreSQL 15 or later")
        .says("`incremental_strategy: delete+insert`");
}

#[test]
fn columns_follow_the_model_as_it_says() {
    let Some(database) = services::postgres("schema_changes") else { return };
    let model = |on_change: &str, columns: &str| {
        format!(
            "{{{{ config(materialized='incremental', on_schema_change='{on_change}', unique_key='id') }}}} select {columns}"
        )
    };
    let project = project(&database)
        .model("synced", &model("sync_all_columns", "1 as id, 'a'::varchar(3) as \"Name\", 1 as gone"))
        .model("added", &model("append_new_columns", "1 as id, 'a'::varchar(3) as name"))
        .model("refused", &model("fail", "1 as id"));
    project.run("run").succeeds();
    project.write(
        "models/synced.sql",
        model("sync_all_columns", "2::bigint as id, '긴 글자'::varchar(9) as \"Name\", 1.5 as 새것"),
    );
    project.write(
        "models/added.sql",
        model("append_new_columns", "2 as id, 'abc'::varchar(3) as name, now() as at"),
    );
    project.write("models/refused.sql", model("fail", "1 as id, 2 as other"));
    project.run("run").exits(1).says("PASS=2").says("ERROR=1").says("other");
    let columns = |name: &str| {
        one(
            &database,
            &format!(
                "select string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' order by attnum) \
             from pg_attribute where attrelid = 'shop.{name}'::regclass and attnum > 0 and not attisdropped"
            ),
        )
    };
    assert_eq!(columns("synced"), "id bigint, Name character varying(9), 새것 numeric");
    assert_eq!(columns("added"), "id integer, name character varying(3), at timestamp with time zone");
    assert_eq!(columns("refused"), "id integer");
    assert_eq!(one(&database, "select string_agg(\"Name\", ',' order by id) from shop.synced"), "a,긴 글자");
}

#[test]
fn batches_are_merged_by_their_key_or_take_the_place_of_their_time() {
    let Some(database) = services::postgres("batches") else { return };
    let batch = |more: &str| {
        format!(
            "{{{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='at', batch_size='day', begin='2024-01-01'{more}) }}}}\n\
             select e.id, e.at, f.n from {{{{ ref('events') }}}} as e join {{{{ ref('events') }}}} f on f.id = e.id"
        )
    };
    let project = project(&database)
        .model("events", "{{ config(materialized='table', event_time='at') }} select id, timestamp '2024-01-01' + id * interval '8 hour' as at, {{ var('n', 1) }} as n from generate_series(0, 5) as id where id <> {{ var('without', 9) }}")
        .model("keyed", &batch(", unique_key='id'"))
        .model("timed", &batch(""));
    let window = "--event-time-start 2024-01-01 --event-time-end 2024-01-03";
    project.run(&format!("run {window}")).succeeds();
    let rows = |name: &str| {
        one(&database, &format!("select string_agg(id || ':' || n, ' ' order by id) from shop.{name}"))
    };
    assert_eq!(rows("keyed"), "0:1 1:1 2:1 3:1 4:1 5:1");
    assert_eq!(rows("timed"), rows("keyed"));
    project
        .run_with([
            "run",
            "--event-time-start",
            "2024-01-02",
            "--event-time-end",
            "2024-01-03",
            "--vars",
            "{n: 2, without: 4}",
        ])
        .succeeds();
    // What is not there any more stays where rows are merged.
    assert_eq!(rows("keyed"), "0:1 1:1 2:1 3:2 4:1 5:2");
    assert_eq!(rows("timed"), "0:1 1:1 2:1 3:2 5:2");
    // A limited relation may have a name, or go by its own.
    project.write("models/keyed.sql", "select events.id from {{ ref('events') }}");
    project.write(
        "models/timed.sql",
        "select a.id from {{ ref('events') }} a join {{ ref('keyed') }} as b using (id)",
    );
    project.run("run --empty --full-refresh").succeeds();
    assert_eq!(one(&database, "select count(*)::text from shop.timed"), "0");
}

#[test]
fn hooks_outside_the_transaction_may_do_what_none_allows() {
    let Some(database) = services::postgres("hooks") else { return };
    let project = project(&database)
        .file("project.yml", "name: shop\nprofile: shop\non-run-end: ['drop table if exists shop.aside']\n")
        .model("m", "{{ config(materialized='table',\n  pre_hook=[{'sql': 'create table if not exists shop.aside (id int)', 'transaction': false}, 'insert into shop.aside values (1)'],\n  post_hook=[after_commit('vacuum analyze {{ this }}'), {'sql': 'create index concurrently if not exists m_id on {{ this }} (id)', 'transaction': false}]) }} select 1 as id")
        .model("fails", "{{ config(pre_hook=[{'sql': 'insert into shop.aside values (2)', 'transaction': true}]) }} select 1/0 as id from {{ ref('m') }}")
        .file("models/m.yml", "models:\n- name: fails\n  config: {materialized: table}\n");
    database.client().batch_execute("create schema if not exists shop").unwrap();
    project.run("run --select m").succeeds();
    assert_eq!(indexes(&database, "m"), "btree (id)");
    database.client().batch_execute("create table shop.aside (id int)").unwrap();
    project.write("project.yml", "name: shop\nprofile: shop\n");
    project.run("run --select fails").exits(1).says("division by zero");
    assert_eq!(one(&database, "select count(*)::text from shop.aside"), "0", "the hook was rolled back");
}

#[test]
fn descriptions_are_written_whatever_is_in_them() {
    let Some(database) = services::postgres("docs") else { return };
    let properties = "models:
- name: t
  description: |
    It's $dbt$ 주문 \\\\ /* here */ -- \"quoted\" {{ '%' }}
  config: {persist_docs: {relation: true, columns: true}}
  columns: [{name: id, description: \"it's\"}, {name: Big, quote: true, description: 큰}, {name: none, description: gone}]
- name: v
  description: a view
  config: {persist_docs: {relation: true, columns: true}}
  columns: [{name: ID, description: folded}]
- name: mv
  description: kept
  config: {persist_docs: {relation: true, columns: true}}
  columns: [{name: id, description: of it}]
";
    let project = project(&database)
        .file("models/m.yml", properties)
        .model("t", "{{ config(materialized='table') }} select 1 as id, 2 as \"Big\"")
        .model("v", "select 1 as id")
        .model("mv", "{{ config(materialized='materialized_view') }} select 1 as id");
    for _ in 0..2 {
        project.run("run").succeeds().says("not present in the database: none");
        let comment =
            |name: &str| one(&database, &format!("select obj_description('shop.{name}'::regclass)"));
        assert_eq!(comment("t").trim(), "It's $dbt$ 주문 \\\\ /* here */ -- \"quoted\" %");
        assert_eq!((comment("v").as_str(), comment("mv").as_str()), ("a view", "kept"));
        let column = |name: &str, at: u8| {
            one(&database, &format!("select col_description('shop.{name}'::regclass, {at})"))
        };
        assert_eq!((column("t", 1), column("t", 2)), ("it's".to_owned(), "큰".to_owned()));
        assert_eq!((column("v", 1), column("mv", 1)), ("folded".to_owned(), "of it".to_owned()));
    }
}

#[test]
fn unit_tests_have_values_of_all_types() {
    let Some(database) = services::postgres("unit_types") else { return };
    let columns = "1::smallint as small, 2::bigint as big, 1.5::numeric(10,2) as amount, 0.5::real as share, 'short'::varchar(5) as word, 'ab'::char(2) as code, true as flag, date '2024-02-29' as day, timestamp '2024-01-01 10:00' as at, timestamptz '2024-01-01 10:00+09' as seen, time '09:30' as clock, interval '1 day' as span, array['가','b'] as tags, array[1,2] as numbers, '{\"k\": [1]}'::jsonb as data, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid as id, '\\xdeadbeef'::bytea as bytes, '10.0.0.1'::inet as address, null::text as nothing";
    let project = project(&database)
        .model("up", &format!("select {columns}"))
        .model("same", "select *, length(word) as letters from {{ ref('up') }}")
        .file("models/u.yml", "unit_tests:
- name: u
  model: same
  given:
  - input: ref('up')
    rows:
    - {small: 7, big: 9000000000, amount: 12.34, share: 0.25, word: longer than five, code: xyz, flag: false, day: 2024-03-01, at: 2024-03-01 01:02:03, seen: '2024-03-01 01:02:03+00', clock: '10:15', span: 2 days, tags: ['it''s', 나], numbers: [], data: {a: 1, b: [true]}, id: 00000000-0000-0000-0000-000000000001, bytes: '\\\\x00ff', address: '::1', nothing: null}
  expect:
    rows:
    - {small: 7, big: 9000000000, amount: 12.34, share: 0.25, word: longer than five, code: xyz, flag: false, day: 2024-03-01, at: 2024-03-01 01:02:03, seen: '2024-03-01 10:02:03+09', clock: '10:15', span: 2 days, tags: ['it''s', 나], numbers: [], data: {b: [true], a: 1}, id: 00000000-0000-0000-0000-000000000001, bytes: '\\\\x00ff', address: '::1', nothing: null, letters: 16}
");
    project.run("run").succeeds();
    let ran = project.run("test");
    ran.says("PASS=1");
}

#[test]
fn functions_are_as_volatile_as_they_say() {
    let Some(database) = services::postgres("functions") else { return };
    let function = |name: &str, volatility: &str| {
        format!(
            "- name: {name}\n  config: {{volatility: {volatility}}}\n  arguments: [{{name: x, data_type: int}}, {{name: y, data_type: int, default_value: 10}}]\n  returns: {{data_type: int}}\n"
        )
    };
    let properties = format!(
        "functions:\n{}{}{}",
        function("f", "deterministic"),
        function("g", "stable"),
        function("h", "non-deterministic")
    );
    let project = project(&database)
        .file("functions/f.sql", "select x + y")
        .file("functions/g.sql", "select x * y")
        .file("functions/h.sql", "select x - y")
        .file("functions/f.yml", properties)
        .model("m", "{{ config(materialized='table') }} select {{ function('f') }}(1) + {{ function('g') }}(2, 3) + {{ function('h') }}(4, 4) as n");
    project.run("build").succeeds();
    project.run("build").succeeds();
    assert_eq!(one(&database, "select n::text from shop.m"), "17");
    assert_eq!(
        one(
            &database,
            "select string_agg(proname || provolatile::text, ' ' order by proname) from pg_proc where pronamespace = 'shop'::regnamespace"
        ),
        "fi gs hv"
    );
}

#[test]
fn the_server_itself_knows_how_old_a_source_is() {
    let Some(database) = services::postgres("freshness") else { return };
    let mut client = database.client();
    client.batch_execute("create schema raw; create table raw.새것 as select 1 as id; create table raw.empty (id int); create view raw.seen as select 1 as id").unwrap();
    let project = project(&database)
        .model("m", "select 1 as id")
        .file("models/s.yml", "sources:\n- name: raw\n  config: {freshness: {error_after: {count: 1, period: hour}}}\n  tables: [{name: 새것}, {name: empty}, {name: seen}]\n");
    if one(&database, "select current_setting('track_commit_timestamp')") == "on" {
        let ran = project.run("source freshness").exits(1);
        ran.says("PASS freshness of raw.새것").says("ERROR STALE freshness of raw.empty").says("xmin");
    } else {
        let ran = project.run("source freshness --select source:raw.새것").exits(1);
        ran.says("`track_commit_timestamp = on`").says("`loaded_at_field`");
    }
}

#[test]
fn another_database_is_refused_with_what_to_do() {
    let Some(database) = services::postgres("databases") else { return };
    let project = project(&database).model("m", "{{ config(database='elsewhere') }} select 1 as id");
    project.run("run").exits(2).says("Cross-db references not allowed in postgres (elsewhere vs");
}

#[test]
fn a_state_is_cloned_as_views_of_it() {
    let Some(database) = services::postgres("clones") else { return };
    let output = database.output("");
    let profile = format!(
        "shop:\n  target: dev\n  outputs:\n    dev: {output}\n    ci: {}\n",
        output.replace("schema: shop", "schema: ci")
    );
    let project = project(&database)
        .file("profiles.yml", profile)
        .model("표", "{{ config(materialized='table') }} select 7 as id")
        .model("뷰", "select id from {{ ref('표') }}");
    project.run("build").succeeds();
    project.run("docs generate").succeeds();
    std::fs::create_dir(project.path("state")).unwrap();
    std::fs::copy(project.path("target/manifest.json"), project.path("state/manifest.json")).unwrap();
    project.run("clone --state state --target ci").succeeds();
    assert_eq!(one(&database, "select id::text from ci.표"), "7");
    assert_eq!(
        one(
            &database,
            "select string_agg(viewname, ',' order by viewname) from pg_views where schemaname = 'ci'"
        ),
        "뷰,표"
    );
    project.run("clone --state state --target ci").succeeds();
}
