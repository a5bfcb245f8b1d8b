//! What the library's macros write, with a stand-in for a warehouse that only listens.

mod warehouse;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{BuiltinFile, FILES};
use crate::jinja::{Block, Engine, Value, carve, from_json, list_value};
use crate::text::Files;
use serde_json::json;
use warehouse::{Warehouse, one_line};

/// The whole library, loaded.
struct Library {
    engine: Engine,
    /// Names of macros with their packages.
    names: Vec<(&'static str, String)>,
}

impl Library {
    fn new() -> Self {
        let (files, mut engine, mut names) = (Files::new(), Engine::new(), Vec::new());
        for file in FILES {
            let source = files.add(file.path, file.text);
            let blocks = carve(&source);
            assert_eq!(blocks.diagnostics, [], "{}", file.path);
            assert_eq!(engine.add_macros(&source, file.package, &blocks.value), [], "{}", file.path);
            names.extend(blocks.value.iter().map(|block| (file.package, block.macro_name())));
        }
        Self { engine, names }
    }

    fn macros(&self) -> BTreeMap<String, Value> {
        let both = ["dbt", "dbt_duckdb"].into_iter().flat_map(|package| {
            self.names
                .iter()
                .filter(move |(owner, _)| *owner == package)
                .filter_map(|(owner, name)| Some((name.clone(), self.engine.macro_value(owner, name)?)))
        });
        both.collect()
    }

    /// Calls a macro with a project's config; gives what it returned or why it failed.
    fn call(&self, name: &str, arguments: &[Value], warehouse: &Arc<Warehouse>) -> Result<Value, String> {
        let package =
            self.names.iter().find(|(_, found)| found == name).map_or("dbt", |(package, _)| package);
        let context = warehouse.context(self.macros());
        self.engine.call(package, name, arguments, &[], &context).map_err(|error| error.to_string())
    }

    /// The text of a macro's result, spaces and line ends as one space.
    fn text(&self, name: &str, arguments: serde_json::Value) -> String {
        let serde_json::Value::Array(arguments) = arguments else { panic!("a list of arguments") };
        let arguments: Vec<Value> = arguments.iter().map(from_json).collect();
        let called = self.call(name, &arguments, &Warehouse::new(&[]).done());
        one_line(&called.expect("the macro renders").to_string())
    }

    /// The statements that a materialization sends, or why it failed.
    fn build(&self, materialization: &str, warehouse: Warehouse) -> (Vec<String>, Result<Value, String>) {
        let warehouse = warehouse.done();
        let result = self.call(&format!("materialization_{materialization}_default"), &[], &warehouse);
        let sent = warehouse.sent.lock().expect("nobody panicked");
        (sent.clone(), result)
    }
}

/// What stands between `{#` and `#}`, or outside of blocks, must not be SQL by mistake.
#[test]
fn every_file_is_blocks_and_comments_and_no_macro_is_there_twice() {
    let mut seen = BTreeSet::new();
    for BuiltinFile { package, path, text } in FILES {
        let source = Files::new().add(*path, *text);
        let blocks: Vec<Block> = carve(&source).value;
        let mut rest = (*text).to_owned();
        for block in blocks.iter().rev() {
            rest.replace_range(block.span.range(), "");
            assert!(seen.insert((*package, block.macro_name())), "{} is there twice", block.macro_name());
        }
        while let Some((before, after)) = rest.split_once("{#") {
            let after = after.split_once("#}").map_or("", |(_, after)| after);
            rest = format!("{before}{after}");
        }
        assert_eq!(rest.trim(), "", "{path}");
    }
}

#[test]
fn what_is_dispatched_or_called_in_dbt_is_there() {
    let library = Library::new();
    let names: BTreeSet<&str> = library.names.iter().map(|(_, name)| name.as_str()).collect();
    let mut dispatched = 0;
    for file in FILES {
        for call in file.text.split("adapter.dispatch('").skip(1) {
            let name = call.split('\'').next().unwrap_or_default();
            let is_there = ["default__", "duckdb__"]
                .iter()
                .any(|prefix| names.contains(format!("{prefix}{name}").as_str()));
            assert!(is_there, "{name}, dispatched in {}", file.path);
            dispatched += 1;
        }
        for call in file.text.split(" dbt.").skip(1) {
            let name = call.split('(').next().unwrap_or_default();
            assert!(names.contains(name), "dbt.{name}, called in {}", file.path);
        }
    }
    assert!(dispatched > 100, "{dispatched} dispatched names were found");
}

#[test]
fn functions_are_written_for_duckdb() {
    let library = Library::new();
    let cases = [
        ("dateadd", json!(["day", -1, "t"]), "date_add(t, interval (-1) day)"),
        (
            "dateadd",
            json!(["day", 1, "'2024-01-01'"]),
            "date_add(cast('2024-01-01' as timestamp), interval (1) day)",
        ),
        (
            "datediff",
            json!(["a", "b", "hour"]),
            "date_diff('hour', cast(a as timestamp), cast(b as timestamp))",
        ),
        (
            "last_day",
            json!(["d", "month"]),
            "cast(date_add(date_add(date_trunc('month', d), interval (1) month), interval (-1) day) as date)",
        ),
        ("safe_cast", json!(["x", "INT"]), "cast(x as INT)"),
        ("concat", json!([["a", "'-'", "b"]]), "a || '-' || b"),
        ("hash", json!(["x"]), "md5(cast(x as TEXT))"),
        ("split_part", json!(["x", "','", -1]), "split_part(x, ',', -1)"),
        ("listagg", json!(["x", "', '", "order by x"]), "string_agg(x, ', ' order by x)"),
        ("array_construct", json!([]), "cast([] as integer[])"),
        ("array_construct", json!([["1", "2"]]), "[1, 2]"),
        (
            "default__generate_series",
            json!([3]),
            "with bits as ( select 0 as bit union all select 1 ), numbers as ( select b0.bit * 1 + b1.bit * 2 + 1 as generated_number from bits as b0 cross join bits as b1 ) select generated_number from numbers where generated_number <= 3 order by generated_number",
        ),
        ("type_numeric", json!([]), "numeric(28,6)"),
        ("before_begin", json!(["vacuum"]), r#"{"sql": "vacuum", "transaction": false}"#),
        ("get_show_sql", json!(["select 1 -- 끝", "set x = 1;", 5]), "set x = 1; select 1 -- 끝 limit 5"),
        ("get_show_sql", json!(["select 1", null, null]), "select 1"),
        (
            "test_accepted_values",
            json!(["t", "c", ["a", "it's", "it''s"]]),
            "with all_values as ( select c as value_field, count(*) as n_records from t group by c ) select * from all_values where value_field not in ( 'a','it''s','it''s' )",
        ),
        (
            "test_accepted_values",
            json!(["t", "c", [1, 2], false]),
            "with all_values as ( select c as value_field, count(*) as n_records from t group by c ) select * from all_values where value_field not in ( 1,2 )",
        ),
        (
            "get_test_sql",
            json!(["select 1", "count(*)", "> 5", "!= 0", null]),
            "select coalesce(count(*), 0) as failures, coalesce(count(*), 0) > 5 as should_warn, coalesce(count(*), 0) != 0 as should_error from ( select 1 ) as dbt_internal_test",
        ),
    ];
    for (name, arguments, expected) in cases {
        assert_eq!(library.text(name, arguments), expected, "{name}");
    }
}

#[test]
fn names_follow_the_target_and_the_config() {
    let library = Library::new();
    assert_eq!(library.text("generate_schema_name", json!([null, {}])), "s");
    assert_eq!(library.text("generate_schema_name", json!([" 재무 ", {}])), "s_재무");
    assert_eq!(library.text("generate_alias_name", json!([null, {"name": "주문"}])), "주문");
    assert_eq!(library.text("generate_alias_name", json!([null, {"name": "m", "version": 2.1}])), "m_v2_1");
    assert_eq!(library.text("generate_alias_name", json!([" b ", {"name": "m"}])), "b");
    assert_eq!(library.text("generate_database_name", json!([null, {}])), "db");
}

#[test]
fn a_relation_of_the_other_kind_is_dropped_in_the_same_transaction() {
    let library = Library::new();
    let create = "create view db.s.m__dbt_tmp as ( select 1 as id );";
    let rename = "alter view db.s.m__dbt_tmp rename to \"m\";";
    for (existing, drops) in [
        (&[][..], &[][..]),
        (&[("m", "view")], &["drop view if exists db.s.m cascade;"]),
        (&[("m", "table")], &["drop table if exists db.s.m cascade;"]),
    ] {
        let (sent, result) = library.build("view", Warehouse::new(existing));
        assert_eq!(sent, [&["begin", create][..], drops, &[rename, "commit"]].concat());
        assert!(result.is_ok_and(|value| {
            value.get_attr("relations").is_ok_and(|relations| relations.len() == Some(1))
        }));
    }
    let (sent, _) = library.build("table", Warehouse::new(&[("m", "view")]));
    assert_eq!(
        sent,
        [
            "begin",
            "drop view if exists db.s.m cascade;",
            "create or replace table db.s.m as ( select 1 as id );",
            "commit",
        ]
    );
}

#[test]
fn hooks_stand_inside_or_around_the_transaction() {
    let hook = |sql: &str, transaction: bool| from_json(&json!({"sql": sql, "transaction": transaction}));
    let mut warehouse = Warehouse::new(&[]);
    warehouse.hooks = [
        list_value(vec![hook("inside before", true), hook("before", false), hook(" ", true)]),
        list_value(vec![hook("after", false), hook("inside after", true)]),
    ];
    let (sent, _) = Library::new().build("table", warehouse);
    assert_eq!(
        sent,
        [
            "commit",
            "before",
            "begin",
            "inside before",
            "create or replace table db.s.m as ( select 1 as id );",
            "inside after",
            "commit",
            "commit",
            "after",
        ]
    );
}

#[test]
fn indexes_and_comments_are_part_of_the_transaction() {
    let config =
        json!({"indexes": [{"columns": ["id"], "unique": true}], "persist_docs": {"relation": true}});
    let (sent, _) = Library::new().build("table", Warehouse::new(&[]).config(config));
    assert_eq!(
        sent[2..],
        [
            r#"create unique index "__dbt_index_md5(midTrue1)" on db.s.m ("id")"#,
            "comment on table db.s.m is 'it''s 설명';",
            "commit",
        ]
    );
}

fn incremental(strategy: &str, more: &[(&str, serde_json::Value)]) -> Warehouse {
    let mut config = json!({"incremental_strategy": strategy});
    for (key, value) in more {
        config[key] = value.clone();
    }
    Warehouse::new(&[("m", "table")]).config(config).columns("s.m", &[("id", "INTEGER"), ("값", "VARCHAR")])
}

#[test]
fn strategies_write_from_a_temporary_table() {
    let library = Library::new();
    let main = |warehouse: Warehouse| {
        let (sent, result) = library.build("incremental", warehouse);
        assert!(result.is_ok(), "{result:?}");
        assert_eq!(
            sent[..2],
            ["begin", "create or replace temporary table temp.main.m__dbt_tmp as ( select 1 as id );"]
        );
        assert_eq!(sent[3..], ["drop table if exists temp.main.m__dbt_tmp cascade;", "commit"]);
        sent[2].clone()
    };
    let insert = r#"insert into db.s.m ("id", "값") ( select "id", "값" from temp.main.m__dbt_tmp )"#;
    assert_eq!(main(incremental("append", &[])), insert);
    assert_eq!(main(incremental("delete+insert", &[])), insert);
    assert_eq!(
        main(incremental(
            "delete+insert",
            &[("unique_key", json!(["id", "값"])), ("incremental_predicates", json!(["id > 3"]))]
        )),
        format!(
            "delete from db.s.m as DBT_INCREMENTAL_TARGET where (id, 값) in ( select id, 값 from temp.main.m__dbt_tmp ) and (id > 3); {insert}"
        )
    );
    let merge =
        main(incremental("merge", &[("unique_key", json!("id")), ("merge_exclude_columns", json!(["ID"]))]));
    assert_eq!(
        merge,
        "merge into db.s.m as DBT_INTERNAL_DEST using temp.main.m__dbt_tmp as DBT_INTERNAL_SOURCE \
        on (DBT_INTERNAL_SOURCE.id = DBT_INTERNAL_DEST.id) \
        when matched then update set \"값\" = DBT_INTERNAL_SOURCE.\"값\" \
        when not matched then insert by name"
    );
    let keyless = main(incremental("merge", &[]));
    assert!(keyless.contains("on (false) when matched"), "{keyless}");
}

#[test]
fn a_full_refresh_or_a_view_is_built_anew() {
    let library = Library::new();
    let (sent, _) = library.build("incremental", incremental("append", &[]).full_refresh());
    assert_eq!(sent, ["begin", "create or replace table db.s.m as ( select 1 as id );", "commit"]);
    let kept = incremental("append", &[("full_refresh", json!(false))]).full_refresh();
    assert!(library.build("incremental", kept).0[1].contains("temporary"));
    let (sent, _) = library.build("incremental", Warehouse::new(&[("m", "view")]));
    assert_eq!(sent[1], "drop view if exists db.s.m cascade;");
}

#[test]
fn wrong_configs_name_what_there_is_and_send_nothing() {
    let library = Library::new();
    let fails = |warehouse: Warehouse| {
        let (sent, result) = library.build("incremental", warehouse);
        (sent, result.expect_err("the config is wrong"))
    };
    let (sent, message) = fails(incremental("없는것", &[]));
    assert_eq!(sent, [""; 0]);
    assert_eq!(
        message,
        "dbt could not find an incremental strategy macro with the name \"get_incremental_없는것_sql\": `없는것` is not an incremental strategy of duckdb; there are `delete+insert`, `append`, `merge`, or write a macro `get_incremental_없는것_sql`"
    );
    assert!(fails(incremental("microbatch", &[])).1.contains("`microbatch` is not an incremental strategy"));
    let (sent, message) = fails(incremental("append", &[("on_schema_change", json!("nope"))]));
    assert_eq!(sent, [""; 0]);
    assert_eq!(
        message,
        "`nope` is no value of `on_schema_change`; there are `ignore`, `fail`, `append_new_columns`, `sync_all_columns`"
    );
    let both = incremental(
        "merge",
        &[
            ("unique_key", json!("id")),
            ("merge_update_columns", json!(["a"])),
            ("merge_exclude_columns", json!(["b"])),
        ],
    );
    assert_eq!(fails(both).1, "a model cannot have both `merge_update_columns` and `merge_exclude_columns`");
}

#[test]
fn changed_columns_are_ignored_added_synced_or_refused() {
    let library = Library::new();
    let run = |on_schema_change: &str| {
        let changed = incremental("append", &[("on_schema_change", json!(on_schema_change))])
            .columns("m__dbt_tmp", &[("ID", "BIGINT"), ("새것", "DATE")]);
        let (sent, result) = library.build("incremental", changed);
        (sent[2..].to_vec(), result)
    };
    assert!(run("ignore").0[0].starts_with(r#"insert into db.s.m ("id", "값")"#));
    let add = r#"alter table db.s.m add column "새것" DATE"#;
    let (sent, _) = run("append_new_columns");
    assert_eq!(sent[0], add);
    assert!(sent[1].starts_with(r#"insert into db.s.m ("ID", "새것")"#), "{}", sent[1]);
    let (sent, _) = run("sync_all_columns");
    assert_eq!(
        sent[..3],
        [
            add,
            r#"alter table db.s.m drop column "값""#,
            r#"alter table db.s.m alter column "id" type BIGINT"#,
        ]
    );
    let (sent, result) = run("fail");
    assert_eq!(sent, [""; 0]);
    assert!(result.unwrap_err().contains("(new: 새것; gone: 값; now BIGINT: id)"));
}

#[test]
fn a_seed_table_is_emptied_unless_its_columns_changed() {
    let library = Library::new();
    let seed = |existing: &[(&str, &str)]| {
        Warehouse::new(existing).columns("seed", &[("id", "BIGINT"), ("이름", "VARCHAR")])
    };
    let create = r#"create table db.s.m ( "id" BIGINT, "이름" VARCHAR )"#;
    let (sent, result) = library.build("seed", seed(&[]));
    assert!(result.is_ok(), "{result:?}");
    assert_eq!(sent, ["begin", create, "load db.s.m", "commit"]);
    let same = || seed(&[("m", "table")]).columns("s.m", &[("id", "BIGINT"), ("이름", "VARCHAR")]);
    assert_eq!(library.build("seed", same()).0, ["begin", "truncate table db.s.m", "load db.s.m", "commit"]);
    let anew = ["begin", "drop table if exists db.s.m cascade;", create, "load db.s.m", "commit"];
    assert_eq!(library.build("seed", same().full_refresh()).0, anew);
    assert_eq!(library.build("seed", seed(&[("m", "table")]).columns("s.m", &[("id", "BIGINT")])).0, anew);
    let (sent, result) = library.build("seed", seed(&[("m", "view")]));
    assert_eq!(sent, [""; 0]);
    assert_eq!(result.unwrap_err(), "cannot seed to `db.s.m`: it is a view; --full-refresh replaces it");
    let bare = seed(&[]).config(json!({"quote_columns": false}));
    assert_eq!(library.build("seed", bare).0[1], "create table db.s.m ( id BIGINT, 이름 VARCHAR )");
}

#[test]
fn failing_rows_are_stored_where_the_config_says() {
    let library = Library::new();
    let judge = |from: &str| {
        format!(
            "select coalesce(count(*), 0) as failures, coalesce(count(*), 0) != 0 as should_warn, coalesce(count(*), 0) != 0 as should_error from ( {from} ) as dbt_internal_test"
        )
    };
    let test =
        |config: serde_json::Value| library.build("test", Warehouse::new(&[("m", "table")]).config(config));
    assert_eq!(test(json!({})).0, [judge("select 1 as id")]);
    assert_eq!(
        test(json!({"limit": 3})).0,
        [judge("select * from ( select 1 as id ) as model_limit_subq limit 3")]
    );
    assert_eq!(
        test(json!({"store_failures": true, "store_failures_as": "view"})).0,
        [
            "begin".to_owned(),
            "drop table if exists db.s.m cascade;".to_owned(),
            "create view db.s.m as ( select 1 as id );".to_owned(),
            "commit".to_owned(),
            judge("select * from db.s.m"),
        ]
    );
    assert_eq!(
        test(json!({"store_failures": true, "store_failures_as": "ephemeral"})).0,
        [judge("select 1 as id")]
    );
    let message = test(json!({"store_failures_as": "json"})).1.unwrap_err();
    assert_eq!(message, "`json` is no value of `store_failures_as`; there are `table`, `view`, `ephemeral`");
}
