use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use super::DuckDbAdapter;
use crate::adapter::{Adapter, Cell, Connection, ErrorKind, Rows, Transaction};

fn adapter(keys: &Value) -> DuckDbAdapter {
    let keys: Map<String, Value> = keys.as_object().unwrap().clone();
    DuckDbAdapter::new(&keys, Path::new("/")).unwrap()
}

fn memory() -> Box<dyn Connection> {
    adapter(&json!({})).connect().unwrap()
}

fn one(connection: &mut dyn Connection, sql: &str) -> Cell {
    connection.query(sql).unwrap().first().unwrap().clone()
}

/// The rows of a query as text.
fn texts(rows: &Rows) -> Vec<Vec<String>> {
    rows.rows.iter().map(|row| row.iter().map(Cell::display).collect()).collect()
}

#[test]
fn every_type_is_shown_as_duckdb_shows_it() {
    let mut connection = memory();
    let all = connection.query("select * from test_all_types()").unwrap();
    assert!(all.names.len() > 50 && all.len() == 3);
    assert_eq!(all.types.len(), all.names.len());
    let described = connection.query("describe from test_all_types()").unwrap();
    let types: Vec<String> = described.rows.iter().map(|row| row[1].display()).collect();
    assert_eq!(all.types, types);
    let ours = texts(&all);
    let theirs = texts(&connection.query("select columns(*)::varchar from test_all_types()").unwrap());
    for (row, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
        for (column, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
            assert_eq!(ours, theirs, "row {row}, column `{}`", all.names[column]);
        }
    }
    // Each type alone too, so that none hides behind another's detour.
    for (column, name) in all.names.iter().enumerate() {
        let alone = connection.query(&format!("select \"{name}\" from test_all_types()")).unwrap();
        let wanted: Vec<Vec<String>> = theirs.iter().map(|row| vec![row[column].clone()]).collect();
        assert_eq!(texts(&alone), wanted, "column `{name}`");
        assert_eq!(alone.types, [all.types[column].clone()]);
    }
}

#[test]
fn numbers_and_times_are_shown_as_duckdb_shows_them() {
    let mut connection = memory();
    for value in [
        "1e15::double",
        "1e16::double",
        "123456.789::double",
        "1e-4::double",
        "1e-5::double",
        "0.1::float",
        "16777216::float",
        "1e22::double",
        "-0.0::double",
        "'nan'::double",
        "'inf'::float",
        "3.4028235e38::float",
        "1e-7::float",
        "0.30000000000000004::double",
        "123456789.125::float",
        "1.5e300",
        "12.340",
        "-0.05",
        "170141183460469231731687303715884105727",
        "timestamp '2024-01-02 03:04:05.1'",
        "timestamp '0044-03-15 (BC) 00:00:00'",
        "'infinity'::timestamp",
        "'-infinity'::date",
        "'2024-01-02 03:04:05.123456789'::timestamp_ns",
        "'2024-01-02 03:04:05.5'::timestamp_ms",
        "time '24:00:00'",
        "time '01:02:03.000100'",
        "timestamptz '2024-01-02 03:04:05+09'",
        "'\\x00\\x27~\\x5Ca\\xEA'::blob",
        "interval '1 year 2 days 3 hours'",
        "uuid '00000000-0000-0000-0000-00000000000a'",
        "[1, null]",
        "{'이름': '홍, 길동'}",
        "map {'가': 1}",
        "'{\"a\": 1}'::json",
        "'b'::enum('a', 'b')",
        "'0101'::bit",
        "null",
        "true",
        "{'a': 1}::variant",
    ] {
        let sql = format!("select {value} as v, cast({value} as varchar) as t");
        let rows = texts(&connection.query(&sql).unwrap());
        assert_eq!(rows[0][0], rows[0][1], "{value}");
    }
}

#[test]
fn values_have_the_cells_that_fit_them() {
    let mut connection = memory();
    let rows = connection
        .query("select 1::utinyint, 1.50::decimal(18,3), '가', '\\xAA'::blob, [1], '1'::json, 170141183460469231731687303715884105728::uhugeint, 'x'::enum('x'), 1 as 일, 2 as 일")
        .unwrap();
    assert_eq!(
        rows.rows[0],
        [
            Cell::Int(1),
            Cell::Decimal("1.500".into()),
            Cell::Text("가".into()),
            Cell::Bytes(vec![0xAA]),
            Cell::Other("[1]".into()),
            Cell::Text("1".into()),
            Cell::Decimal("170141183460469231731687303715884105728".into()),
            Cell::Other("x".into()),
            Cell::Int(1),
            Cell::Int(2),
        ]
    );
    assert_eq!(rows.types[1], "DECIMAL(18,3)");
    assert_eq!(rows.types[4..8], ["INTEGER[]", "JSON", "UHUGEINT", "ENUM('x')"]);
    assert_eq!(rows.names[8..], ["일", "일"]);
}

#[test]
fn statements_without_rows_and_texts_without_statements_are_fine() {
    let mut connection = memory();
    for nothing in ["", "-- 아무것도 ;", " ; ;"] {
        assert_eq!(connection.query(nothing).unwrap(), Rows::default());
        assert_eq!(connection.execute(nothing).unwrap().message, "OK");
    }
    let made =
        connection.execute("create table t(a int); insert into t values (1), (2), (3) -- end;").unwrap();
    assert_eq!((made.message.as_str(), made.rows_affected), ("OK", Some(3)));
    assert_eq!(connection.execute("create table u as select * from t").unwrap().rows_affected, Some(3));
    assert_eq!(connection.execute("delete from t where a > 1").unwrap().rows_affected, Some(2));
    assert_eq!(connection.execute("select 7 as \"Count\"").unwrap().rows_affected, None);
    assert_eq!(connection.execute("create view v as select 1").unwrap().rows_affected, None);
    assert_eq!(one(&mut *connection, "insert into t values (5); select sum(a) from t"), Cell::Int(6));
    assert_eq!(texts(&connection.query("select [a] from t; show tables;").unwrap()).len(), 3);
}

#[test]
fn errors_tell_the_byte_of_the_whole_text() {
    let mut connection = memory();
    let mut fails = |sql: &str, at: &str| {
        let error = connection.query(sql).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Statement, "{sql}");
        assert_eq!(error.position, sql.rfind(at), "{sql}: {}", error.message);
        assert!(!error.message.contains('\n'), "{}", error.message);
        error
    };
    let error = fails("select '주문'; select '주문', amout from (select 1 as amount) t", "amout");
    assert_eq!(error.message, "Binder Error: Referenced column \"amout\" not found in FROM clause!");
    assert_eq!(*error.candidates, ["amount"]);
    assert_eq!(error.help.as_deref(), Some("did you mean `amount`?"));
    fails("select 1;\n select 1 frm x y z", "x y z");
    let error = fails("create table orders(a int); select * from 주문; -- x", "주문");
    assert_eq!(error.message, "Catalog Error: Table with name 주문 does not exist!");
    fails("select 1; select 'abc'::int", "::int");
    fails("select 'open", "'open");
    let error = fails("select sum('a')", "sum");
    assert!(error.notes.iter().any(|note| note.contains("sum(DECIMAL)")));
    let error = fails("select st_point(1, 2)", "nowhere");
    assert!(error.help.unwrap().contains("`spatial` under `extensions`"));
}

#[test]
fn a_type_that_cannot_be_read_from_a_change_is_said() {
    let mut connection = memory();
    connection.execute("create table t(a int[])").unwrap();
    let error = connection.query("insert into t values ([1]) returning a").unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotSupported);
}

#[test]
fn transactions_are_kept_or_taken_back() {
    let mut connection = memory();
    connection.transaction(Transaction::Begin).unwrap();
    connection.execute("create table t as select 1 as a").unwrap();
    connection.transaction(Transaction::Rollback).unwrap();
    assert!(connection.query("from t").is_err());
    connection.transaction(Transaction::Begin).unwrap();
    connection.execute("create table t as select 1 as a").unwrap();
    connection.transaction(Transaction::Commit).unwrap();
    assert_eq!(one(&mut *connection, "from t"), Cell::Int(1));
    assert!(connection.transaction(Transaction::Commit).is_err());
}

#[test]
fn connections_share_one_database_and_build_side_by_side() {
    let adapter = adapter(&json!({}));
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let adapter = &adapter;
            scope.spawn(move || {
                let mut connection = adapter.connect().unwrap();
                for table in 0..5 {
                    let sql = format!("create table t{thread}_{table} as select range as a from range(1000)");
                    assert_eq!(connection.execute(&sql).unwrap().rows_affected, Some(1000));
                }
            });
        }
    });
    let mut connection = adapter.connect().unwrap();
    assert_eq!(one(&mut *connection, "select count(*) from duckdb_tables()"), Cell::Int(20));
}

#[test]
fn a_running_statement_is_cancelled_from_another_thread() {
    let mut connection = memory();
    let canceller = connection.canceller();
    let begin = Instant::now();
    let error = std::thread::scope(|scope| {
        scope.spawn(move || {
            std::thread::sleep(Duration::from_millis(100));
            canceller.cancel();
        });
        connection.query("select count(*) from range(1000000000000) a where a.range % 7 = 3").unwrap_err()
    });
    assert_eq!(error.kind, ErrorKind::Cancelled);
    assert!(begin.elapsed() < Duration::from_secs(20));
    assert_eq!(one(&mut *connection, "select 1"), Cell::Int(1));
}

#[test]
fn a_file_is_made_with_its_folders_and_left_without_a_log() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("깊은/곳/가게.duckdb");
    {
        let adapter = adapter(&json!({"path": path}));
        assert_eq!(adapter.database(), "가게");
        assert_eq!(adapter.path(), Some(path.as_path()));
        let mut connection = adapter.connect().unwrap();
        connection.execute("create table t as select 42 as a").unwrap();
        assert_eq!(one(&mut *connection, "select current_database()"), Cell::Text("가게".into()));
    }
    let left: Vec<_> = walkdir::WalkDir::new(path.parent().unwrap()).min_depth(1).into_iter().collect();
    assert_eq!(left.len(), 1, "{left:?}");
    let reader = adapter(&json!({"path": path, "read_only": true}));
    let mut connection = reader.connect().unwrap();
    assert_eq!(one(&mut *connection, "from t"), Cell::Int(42));
    let error = connection.execute("drop table t").unwrap_err();
    assert_eq!(error.help.as_deref(), Some("the database is opened with `read_only: true`"));
}

#[test]
fn files_that_cannot_be_opened_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let fails = |path: &Path, keys: Value| {
        let mut keys = keys.as_object().unwrap().clone();
        keys.insert("path".into(), json!(path));
        let error = DuckDbAdapter::new(&keys, Path::new("/")).unwrap().connect().err().unwrap();
        assert_eq!(error.kind, ErrorKind::Connection);
        assert!(error.help.is_some(), "{error}");
        error.message
    };
    let junk = folder.path().join("junk.duckdb");
    crate::system::System::write(&crate::system::OsSystem, &junk, "no database ".repeat(1000).as_bytes())
        .unwrap();
    assert!(fails(&junk, json!({})).ends_with("is not a DuckDB database"));
    assert!(fails(folder.path(), json!({})).ends_with("is a folder, not a database"));
    let missing = folder.path().join("missing.duckdb");
    assert!(fails(&missing, json!({"read_only": true})).starts_with("there is no database"));
    assert!(fails(&junk.join("below.duckdb"), json!({})).starts_with("the folder"));
    assert!(fails(Path::new("/proc/xform/a.duckdb"), json!({})).starts_with("the folder"));
}

/// Run by the test below in a process of its own; does nothing otherwise.
#[test]
#[allow(clippy::disallowed_methods, reason = "the only way to tell the child process which file to open")]
fn child_opens_the_locked_file() {
    let Ok(path) = std::env::var("XFORM_TEST_LOCKED_FILE") else { return };
    let error = adapter(&json!({"path": path})).connect().err().unwrap();
    println!("{:?} {}", error.kind, error.message);
}

#[test]
fn a_second_process_is_told_who_has_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.duckdb");
    let adapter = adapter(&json!({"path": path}));
    let _connection = adapter.connect().unwrap();
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture", "adapter::duckdb::tests::child_opens_the_locked_file"])
        .env("XFORM_TEST_LOCKED_FILE", &path)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(said.contains("Locked"), "{said}");
    assert!(said.contains(&format!("(process {}) has the database", std::process::id())), "{said}");
}

#[test]
fn what_was_committed_before_a_kill_is_there_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.duckdb");
    let copy = folder.path().join("killed/shop.duckdb");
    {
        let adapter = adapter(&json!({"path": path}));
        let mut connection = adapter.connect().unwrap();
        connection.execute("create table t as select 1 as a").unwrap();
        connection.transaction(Transaction::Begin).unwrap();
        connection.execute("create table half as select 1 as a").unwrap();
        // What a kill leaves on the disk is what is there now.
        let system: &dyn crate::system::System = &crate::system::OsSystem;
        for suffix in ["", ".wal"] {
            let with = |path: &Path| format!("{}{suffix}", path.display());
            let bytes = system.read(Path::new(&with(&path))).unwrap();
            system.write(Path::new(&with(&copy)), &bytes).unwrap();
        }
    }
    let mut connection = adapter(&json!({"path": copy})).connect().unwrap();
    assert_eq!(one(&mut *connection, "from t"), Cell::Int(1));
    assert!(connection.query("from half").is_err());
}

#[test]
fn a_profile_sets_attaches_and_configures() {
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("it's.duckdb");
    let adapter = adapter(&json!({
        "database": "창고",
        "config_options": {"preserve_insertion_order": false},
        "settings": {"memory_limit": "512MB", "enable_progress_bar": false, "search_path": "main"},
        "extensions": ["json", {"name": "parquet"}],
        "attach": [{"path": other, "alias": "창고"}],
    }));
    for _ in 0..2 {
        let mut connection = adapter.connect().unwrap();
        assert_eq!(one(&mut *connection, "select current_database()"), Cell::Text("창고".into()));
        let limit = one(&mut *connection, "select current_setting('memory_limit')").display();
        assert!(limit.starts_with("488"), "{limit}");
        assert_eq!(
            one(&mut *connection, "select current_setting('preserve_insertion_order')"),
            Cell::Bool(false)
        );
        connection.execute("create or replace table t as select 1").unwrap();
    }
}

#[test]
fn what_a_profile_asks_in_vain_is_said() {
    let fails = |keys: Value| {
        let error = adapter(&keys).connect().err().unwrap();
        assert_eq!((error.kind, error.position), (ErrorKind::Connection, None));
        error.message
    };
    assert!(fails(json!({"settings": {"memory_limt": "1GB"}})).contains("\"memory_limt\""));
    assert!(fails(json!({"config_options": {"nope": "1"}})).contains("nope"));
    assert!(fails(json!({"attach": [{"path": "/proc/none/x.duckdb"}]})).contains("/proc/none/x.duckdb"));
    assert!(
        fails(json!({"extensions": ["no_such_extension"], "settings": {}}))
            .starts_with("the extension `no_such_extension` cannot be loaded")
    );
}
