//! Postgres: what is built there, and what happens when it fails.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::services::{self, Database, Server};
use crate::test_project::{Ran, TestProject};

fn project(database: &Database) -> TestProject {
    TestProject::new()
        .file("project.yml", "name: shop\nprofile: shop\nmodels:\n  +materialized: table\n")
        .file("profiles.yml", database.profile(""))
}

fn start(project: &TestProject, arguments: &[&str]) -> Child {
    project.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Waits until the server runs a statement with that text; its session.
#[track_caller]
fn wait_for_statement(client: &mut postgres::Client, text: &str) -> i32 {
    let started = Instant::now();
    loop {
        let found = client
            .query(
                "select pid from pg_stat_activity where state = 'active' and pid <> pg_backend_pid() and position($1 in query) > 0",
                &[&text],
            )
            .unwrap();
        if let Some(row) = found.first() {
            return row.get(0);
        }
        assert!(started.elapsed() < Duration::from_secs(30), "`{text}` never ran");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn ended(child: Child, project: &TestProject) -> Ran {
    Ran::new(&child.wait_with_output().unwrap(), &project.path(""))
}

/// The names of relations in the schema, with their rows.
fn relations(client: &mut postgres::Client) -> Vec<String> {
    let sql = "select relname::text from pg_class c join pg_namespace n on n.oid = relnamespace \
               where nspname = 'shop' and relkind in ('r', 'v', 'm') order by 1";
    client.query(sql, &[]).unwrap().iter().map(|row| row.get(0)).collect()
}

/// Nothing temporary is left, and nobody holds anything.
#[track_caller]
fn is_clean(client: &mut postgres::Client) {
    let left: Vec<String> = relations(client).into_iter().filter(|name| name.contains("__dbt")).collect();
    assert_eq!(left, Vec::<String>::new());
    let open = client
        .query_one(
            "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() \
             and backend_type = 'client backend' and (state <> 'idle' or wait_event_type = 'Lock')",
            &[],
        )
        .unwrap();
    assert_eq!(open.get::<_, i64>(0), 0);
}

#[test]
fn all_materializations_are_built_and_built_again() {
    let Some(database) = services::postgres("materializations") else { return };
    let project = project(&database)
        .file("seeds/주문.csv", "id,이름,금액,언제\n1,\"가,\"\"나\",1.5,2024-01-01 10:00\n2,다,,\n3,라\\t,2,2024-01-02 11:00\n")
        .model("표", "{{ config(indexes=[{'columns': ['id'], 'unique': true}, {'columns': ['이름'], 'type': 'hash'}]) }} select * from {{ ref('주문') }}")
        .model("보기", "{{ config(materialized='view') }} select id, 이름 from {{ ref('표') }}")
        .model("모음", "{{ config(materialized='materialized_view', indexes=[{'columns': ['id']}]) }} select id from {{ ref('표') }}")
        .model("잠시", "{{ config(unlogged=true) }} select count(*) as n from {{ ref('모음') }}")
        .model("덧붙임", "{{ config(materialized='incremental', unique_key='id', incremental_strategy='merge') }} select id, {{ 2 if is_incremental() else 1 }} as turn from {{ ref('주문') }}")
        .model("바꿈", "{{ config(materialized='incremental', unique_key='id') }} select id, {{ 2 if is_incremental() else 1 }} as turn from {{ ref('주문') }}")
        .file("snapshots/s.yml", "snapshots:\n- name: 찍음\n  relation: ref('주문')\n  config: {unique_key: id, strategy: check, check_cols: all, hard_deletes: new_record}\n")
        .file("models/m.yml", "models:\n- name: 표\n  description: 주문의 '표'\n  config: {persist_docs: {relation: true, columns: true}, grants: {select: [pg_monitor]}}\n  columns: [{name: id, description: 번호, data_tests: [unique, not_null]}]\n");
    project.run("build").succeeds();
    project.run("build").succeeds();
    let mut client = database.client();
    assert_eq!(relations(&mut client), ["덧붙임", "모음", "바꿈", "보기", "잠시", "주문", "찍음", "표"]);
    let one =
        |client: &mut postgres::Client, sql: &str| -> String { client.query_one(sql, &[]).unwrap().get(0) };
    assert_eq!(one(&mut client, "select string_agg(turn::text, ',') from shop.덧붙임"), "2,2,2");
    assert_eq!(one(&mut client, "select string_agg(turn::text, ',') from shop.바꿈"), "2,2,2");
    assert_eq!(one(&mut client, "select relpersistence::text from pg_class where relname = '잠시'"), "u");
    assert_eq!(one(&mut client, "select count(*)::text from pg_indexes where tablename = '표'"), "2");
    assert_eq!(one(&mut client, "select obj_description('shop.표'::regclass)"), "주문의 '표'");
    assert_eq!(
        one(&mut client, "select has_table_privilege('pg_monitor', 'shop.표', 'select')::text"),
        "true"
    );
    assert_eq!(
        one(&mut client, "select string_agg(이름, '|' order by id) from shop.주문"),
        "가,\"나|다|라\\t"
    );
    // A row that is gone, another that changed, an index that is not wanted any more.
    project.write("seeds/주문.csv", "id,이름,금액,언제\n1,가,1.5,2024-01-01 10:00\n2,다,,\n");
    project.write("models/모음.sql", "{{ config(materialized='materialized_view', indexes=[{'columns': ['id'], 'unique': true}]) }} select id from {{ ref('표') }}");
    project.run("build").succeeds();
    assert_eq!(
        one(
            &mut client,
            "select string_agg(id::text || dbt_is_deleted || (dbt_valid_to is null), ',' order by id, dbt_is_deleted, dbt_valid_to) from shop.찍음"
        ),
        "1Falsefalse,1Falsetrue,2Falsetrue,3Falsefalse,3Truetrue"
    );
    assert!(
        one(&mut client, "select string_agg(indexdef, ' ') from pg_indexes where tablename = '모음'")
            .contains("UNIQUE")
    );
    project.run("docs generate").succeeds();
    let catalog: serde_json::Value = serde_json::from_str(&project.read("target/catalog.json")).unwrap();
    assert_eq!(catalog["nodes"]["model.shop.모음"]["metadata"]["type"], "MATERIALIZED VIEW");
    assert_eq!(catalog["nodes"]["seed.shop.주문"]["columns"]["금액"]["type"], "double precision");
    is_clean(&mut client);
}

#[test]
fn names_that_are_too_long_are_told_before_the_server_cuts_them() {
    let Some(database) = services::postgres("names") else { return };
    // 21 letters of Hangul are 63 bytes.
    let (longest, longer) = ("가".repeat(21), "나".repeat(22));
    let project = project(&database).model(&longest, "select 1 as id").model(&longer, "select 1 as id");
    for _ in 0..2 {
        let ran = project.run("run").exits(1);
        ran.says("is longer than 63 characters: it takes 66 bytes").says("PASS=1");
    }
    assert_eq!(relations(&mut database.client()), [longest]);
}

#[test]
fn a_misspelt_column_is_told_before_anything_is_sent() {
    let Some(database) = services::postgres("misspelt") else { return };
    let project = project(&database)
        .model("a", "select 1 as order_id, 'x'::text as 이름")
        .model("b", "select order_idd from {{ ref('a') }}")
        .model("c", "select * from {{ ref('b') }}");
    project.run("check").exits(1).says("order_idd").says("`order_id`");
}

#[test]
fn a_wrong_password_ends_at_once_and_is_shown_nowhere() {
    let Some(database) = services::postgres("password") else { return };
    let wrong = Database {
        password: "hunter2-secret".into(),
        name: database.name.clone(),
        host: database.host.clone(),
        user: database.user.clone(),
        port: database.port,
    };
    let project = project(&wrong).model("a", "select 1 as id");
    let started = Instant::now();
    let ran = project.run("--debug --log-level debug build").exits(2);
    assert!(started.elapsed() < Duration::from_secs(8));
    let ran = ran
        .says("error[connection-failed]")
        .says("refused the password of `xform`")
        .says("correct `user` and `password`");
    project.run("debug").exits(1).says("refused the password");
    shows_nowhere(&project, "hunter2-secret", &[&ran]);
}

/// Neither what was printed nor any file holds a text.
#[track_caller]
fn shows_nowhere(project: &TestProject, secret: &str, printed: &[&Ran]) {
    for ran in printed {
        assert!(!ran.text().contains(secret), "{}", ran.text());
    }
    for entry in walkdir::WalkDir::new(project.path("")).into_iter().filter_map(Result::ok) {
        if entry.file_type().is_file() && entry.file_name() != "profiles.yml" {
            let bytes = std::fs::read(entry.path()).unwrap();
            let is_there = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!is_there, "{}", entry.path().display());
        }
    }
}

#[test]
fn the_password_is_in_no_log_artifact_or_message() {
    let Some(database) = services::postgres("secrets") else { return };
    let project = project(&database)
        .model("a", "select 1 as id, '{{ target }}' as t")
        .model("b", "select {{ target.password }} as id")
        .model("c", "{{ log(target, info=true) }} select 1/0 as id from {{ ref('a') }}");
    let built = project.run("--debug --log-level debug --log-format json build");
    let told = project.run("docs generate");
    let debugged = project.run("--debug debug");
    project.run("compile").text();
    shows_nowhere(&project, &database.password, &[&built, &told, &debugged]);
}

/// A server that says one thing, or nothing, to everybody.
fn fake_server(answer: &'static [u8]) -> u16 {
    counting_server(answer).0
}

/// The same, with how many have come.
fn counting_server(answer: &'static [u8]) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let came = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&came);
    std::thread::spawn(move || {
        let mut held = Vec::new();
        for stream in listener.incoming().flatten() {
            counted.fetch_add(1, Ordering::SeqCst);
            let mut stream = stream;
            let mut asked = [0; 8];
            let _ = stream.read_exact(&mut asked);
            let _ = stream.write_all(answer);
            held.push(stream);
        }
    });
    (port, came)
}

#[test]
fn who_is_refused_does_not_ask_again() {
    const REFUSED: &[u8] = b"E\0\0\0\x17SFATAL\0C28P01\0Mno\0\0";
    let (port, came) = counting_server(REFUSED);
    let (user, name) = ("u".into(), "d".into());
    let database = Database { host: "127.0.0.1".into(), port, user, password: "pppp".into(), name };
    let models = ["a", "b", "c", "d", "e"];
    let project = project(&database).file("profiles.yml", database.profile(", sslmode: disable, retries: 3"));
    let project = models.iter().fold(project, |project, name| project.model(name, "select 1 as id"));
    project.run("build").exits(2).says("refused the password of `u`");
    assert_eq!(came.load(Ordering::SeqCst), 1, "each wrong password counts on the way to a locked account");
}

#[test]
fn a_server_that_says_nothing_is_given_up() {
    let database = Database {
        host: "127.0.0.1".into(),
        port: fake_server(b""),
        user: "u".into(),
        password: "pppp".into(),
        name: "d".into(),
    };
    let project =
        project(&database).file("profiles.yml", database.profile(", connect_timeout: 1, retries: 1"));
    let project = project.model("a", "select 1 as id");
    let started = Instant::now();
    let ran = project.run("build").exits(2);
    ran.says("error[connection-failed]").says("did not answer within 1 s");
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
}

#[test]
fn a_server_without_tls_is_refused_where_it_is_required() {
    let database = Database {
        host: "127.0.0.1".into(),
        port: fake_server(b"N"),
        user: "u".into(),
        password: "pppp".into(),
        name: "d".into(),
    };
    let project =
        project(&database).file("profiles.yml", database.profile(", sslmode: require, connect_timeout: 2"));
    let project = project.model("a", "select 1 as id");
    project
        .run("build")
        .exits(2)
        .says("error[connection-failed]")
        .says("correct `sslmode`: this server has no TLS");
}

#[test]
fn certificates_are_verified_as_the_profile_says() {
    let Some(database) = services::postgres("tls") else { return };
    let Ok(ca) = std::env::var("XFORM_TEST_POSTGRES_CA") else {
        return services::skip("tls", "XFORM_TEST_POSTGRES_CA", "scripts/services/postgres.sh FOLDER");
    };
    let project = project(&database)
        .model("a", "select ssl as is_encrypted from pg_stat_ssl where pid = pg_backend_pid()");
    for (more, host, is_well) in [
        (", sslmode: require".to_owned(), "127.0.0.1", true),
        (format!(", sslmode: verify-ca, sslrootcert: {ca}"), "127.0.0.1", true),
        (format!(", sslmode: verify-full, sslrootcert: {ca}"), "localhost", true),
        // The certificate is for `localhost`.
        (format!(", sslmode: verify-full, sslrootcert: {ca}"), "127.0.0.1", false),
        // No authority that is known signed it.
        (", sslmode: verify-full, sslrootcert: system".to_owned(), "localhost", false),
        (", sslmode: verify-ca, sslrootcert: system".to_owned(), "localhost", false),
    ] {
        let text = database.profile(&more).replace("host: 127.0.0.1", &format!("host: {host}"));
        project.write("profiles.yml", text);
        if is_well {
            project.run("build").succeeds();
            let encrypted: bool =
                database.client().query_one("select is_encrypted from shop.a", &[]).unwrap().get(0);
            assert!(encrypted, "{more}");
        } else {
            project.run("build").exits(2).says("error[connection-failed]").says("correct `sslrootcert`");
        }
    }
    project.write("profiles.yml", database.profile(", sslmode: verify-full, sslrootcert: no.pem"));
    project.run("build").exits(2).says("`sslrootcert` of the profile").says("no.pem");
}

#[test]
fn a_statement_that_takes_too_long_fails_alone() {
    let Some(database) = services::postgres("timeout") else { return };
    let slow = |time: &str| {
        format!(
            "{{{{ config(pre_hook=\"set local statement_timeout = '{time}'\") }}}} select pg_sleep(1)::text as id"
        )
    };
    let project = project(&database)
        .model("first", "select 1 as id")
        .model("slow", &slow("200ms"))
        .model("after", "select * from {{ ref('slow') }}");
    let ran = project.run("build").exits(1);
    ran.says("error[database-error]")
        .says("canceling statement due to statement timeout")
        .says("PASS=1 WARN=0 ERROR=1 SKIP=1");
    let mut client = database.client();
    assert_eq!(relations(&mut client), ["first"]);
    is_clean(&mut client);
    project.write("models/slow.sql", slow("20s"));
    project.run("retry").succeeds().says("PASS=2");
    assert_eq!(relations(&mut client), ["after", "first", "slow"]);
}

#[test]
fn a_deadlock_with_another_client_fails_one_node_and_retry_goes_on() {
    let Some(database) = services::postgres("deadlock") else { return };
    let mut other = database.client();
    other.batch_execute("create table x (id int); create table y (id int)").unwrap();
    let project = project(&database)
        .model("first", "select 1 as id")
        .model("locked", "{{ config(pre_hook='lock table public.x in access exclusive mode') }} select id from public.y /* waits */");
    other.batch_execute("begin; lock table y in access exclusive mode").unwrap();
    let child = start(&project, &["build"]);
    let mut watcher = database.client();
    wait_for_statement(&mut watcher, "/* waits */");
    // Ours has waited for longer: it is the one that the server gives up.
    std::thread::sleep(Duration::from_millis(200));
    other.batch_execute("lock table x in access exclusive mode").unwrap();
    let ran = ended(child, &project).exits(1);
    ran.says("error[database-error]: deadlock detected").says("xform retry").says("PASS=1 WARN=0 ERROR=1");
    other.batch_execute("rollback").unwrap();
    is_clean(&mut watcher);
    project.run("retry").succeeds().says("PASS=1");
    assert_eq!(relations(&mut watcher), ["first", "locked"]);
}

#[test]
fn a_session_that_is_ended_fails_its_node_alone() {
    let Some(database) = services::postgres("session") else { return };
    let project = project(&database)
        .model(
            "slow",
            "select pg_sleep(case when to_regclass('public.calm') is null then 20 else 0 end)::text as id",
        )
        .model("first", "select 1 as id")
        .model("second", "select * from {{ ref('first') }}")
        .file("profiles.yml", database.profile("").replace("threads: 4", "threads: 1"));
    let child = start(&project, &["build"]);
    let mut client = database.client();
    let pid = wait_for_statement(&mut client, "pg_sleep(case");
    client.execute("select pg_terminate_backend($1)", &[&pid]).unwrap();
    let ran = ended(child, &project).exits(1);
    ran.says("error[connection-failed]").says("xform retry").says("PASS=2 WARN=0 ERROR=1");
    is_clean(&mut client);
    client.batch_execute("create table public.calm ()").unwrap();
    project.run("retry").succeeds().says("PASS=1");
    assert_eq!(relations(&mut client), ["first", "second", "slow"]);
}

#[test]
fn a_server_that_is_killed_ends_the_build_and_retry_finishes_it() {
    let Some(mut server) = Server::start("killed") else { return };
    let project = project(&server.database)
        .model("first", "select 1 as id")
        .model("slow", "{{ config(pre_hook=\"{{ 'select pg_sleep(30)' if var('sleeps', true) else 'select 1' }}\") }} select * from {{ ref('first') }}")
        .model("after", "select * from {{ ref('slow') }}")
        .model("last", "select * from {{ ref('after') }}");
    let child = start(&project, &["build"]);
    wait_for_statement(&mut server.database.client(), "pg_sleep(30)");
    let killed = Instant::now();
    server.kill();
    let ran = ended(child, &project).exits(1);
    assert!(killed.elapsed() < Duration::from_secs(30), "{:?}", killed.elapsed());
    ran.says("error[connection-failed]").says("PASS=1 WARN=0 ERROR=1 SKIP=2");
    let results: serde_json::Value = serde_json::from_str(&project.read("target/run_results.json")).unwrap();
    let first =
        results["results"].as_array().unwrap().iter().find(|node| node["unique_id"] == "model.shop.first");
    assert_eq!(first.unwrap()["status"], "success");
    // While it is down, the next try ends at once.
    let started = Instant::now();
    project.run("retry").exits(2).says("error[connection-failed]").says("cannot be reached");
    assert!(started.elapsed() < Duration::from_secs(15));
    server.start_again();
    project.write("profiles.yml", server.database.profile(""));
    project.write(
        "project.yml",
        "name: shop\nprofile: shop\nmodels:\n  +materialized: table\nvars: {sleeps: false}\n",
    );
    project.run("retry").succeeds().says("PASS=3");
    let mut client = server.database.client();
    assert_eq!(relations(&mut client), ["after", "first", "last", "slow"]);
    is_clean(&mut client);
}

#[test]
fn ctrl_c_cancels_what_the_server_runs() {
    let Some(database) = services::postgres("interrupt") else { return };
    let project = project(&database)
        .model("first", "select 1 as id")
        .model("slow", "select pg_sleep(60)::text as id from {{ ref('first') }}");
    let child = start(&project, &["run"]);
    let mut client = database.client();
    wait_for_statement(&mut client, "pg_sleep(60)");
    let started = Instant::now();
    let pid = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let ran = ended(child, &project).exits(1);
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    ran.says("slow");
    assert_eq!(relations(&mut client), ["first"]);
    is_clean(&mut client);
}

/// Copies the example project; it has no database of its own.
fn example() -> TestProject {
    let project = TestProject::bare();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for part in ["project.yml", "profiles.yml", "models", "macros", "seeds", "data", "tests"] {
        let is_left_out =
            |name: &str| ["cases", "cli", "conformance", "projects", "adapters", "lineage"].contains(&name);
        let files = walkdir::WalkDir::new(root.join(part))
            .into_iter()
            .filter_entry(|entry| !is_left_out(&entry.file_name().to_string_lossy()))
            .filter_map(Result::ok)
            .filter(|entry| entry.file_type().is_file());
        for entry in files {
            let path = entry.path().strip_prefix(root).unwrap().to_string_lossy().into_owned();
            project.write(&path, std::fs::read(entry.path()).unwrap());
        }
    }
    project
}

/// The figures that people look at, row by row.
fn figures(project: &TestProject, target: &str) -> Vec<serde_json::Value> {
    let tables = [
        ("select * from {{ ref('일별_지표') }} order by 1", "일별_지표"),
        (
            "select day, cast(retention_d1 as decimal(9, 4)) as d1, buyers, chat_rooms from {{ ref('daily_kpis') }} order by 1",
            "daily_kpis",
        ),
        (
            "select user_id, user_name, place, product_id, product_name, category, score, interactions, array_to_string(kinds, ' ') as kinds, last_at from {{ ref('rec_feed') }} order by 1, 3",
            "rec_feed",
        ),
        (
            "select event_id, tracker, occurred_at, occurred_on, event_name, user_id, device_id, session_number, product_id, search_term, order_id, order_value, platform from {{ ref('user_events') }} order by 1",
            "user_events",
        ),
    ];
    tables
        .into_iter()
        .map(|(sql, name)| {
            let arguments =
                ["show", "--quiet", "--limit", "-1", "--output", "json", "--target", target, "--inline", sql];
            let ran = project.run_with(arguments).succeeds();
            let shown: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
            assert!(shown["show"].as_array().is_some_and(|rows| rows.len() > 5), "{name}: {}", ran.stdout);
            shown["show"].clone()
        })
        .collect()
}

#[test]
fn the_example_project_has_the_same_figures_on_all_targets() {
    let (Some(database), Some(extensions)) =
        (services::postgres("example"), services::extensions("the example on Postgres"))
    else {
        return;
    };
    let endpoint = services::s3("the example on S3");
    let project = example()
        .env("XFORM_DUCKDB_EXTENSIONS", &extensions)
        .env("PGHOST", &database.host)
        .env("PGPORT", &database.port.to_string())
        .env("PGUSER", &database.user)
        .env("PGPASSWORD", &database.password)
        .env("PGDATABASE", &database.name);
    project.run("build").succeeds().says("ERROR=0");
    let expected = figures(&project, "dev");
    assert!(expected[0].to_string().contains("재방문율 D1"));
    project.run("run-operation load_raw_to_postgres --target raw_to_postgres").succeeds();
    project.run("build --target postgres").succeeds().says("WARN=0 ERROR=0");
    for (found, expected) in figures(&project, "postgres").iter().zip(&expected) {
        assert_eq!(found, expected);
    }
    // Models read the tables that are loaded again.
    project.run("run-operation load_raw_to_postgres --target raw_to_postgres").succeeds();
    project.run("build --target postgres").succeeds();
    let Some(endpoint) = endpoint else { return };
    let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/load_raw_s3.sh");
    let loaded = std::process::Command::new(script)
        .args(["jangteo-raw"])
        .current_dir(project.path(""))
        .env("AWS_ENDPOINT_URL", &endpoint)
        .env("AWS_ACCESS_KEY_ID", "key-of-test")
        .env("AWS_SECRET_ACCESS_KEY", "secret-of-test")
        .output()
        .unwrap();
    assert!(loaded.status.success(), "{}", String::from_utf8_lossy(&loaded.stderr));
    let project = project
        .env("AWS_ACCESS_KEY_ID", "key-of-test")
        .env("AWS_SECRET_ACCESS_KEY", "secret-of-test")
        .env("JANGTEO_RAW", "s3://jangteo-raw/raw")
        .env("JANGTEO_S3_ENDPOINT", endpoint.trim_start_matches("http://"))
        .env("JANGTEO_S3_URL_STYLE", "path")
        .env("JANGTEO_S3_USE_SSL", "false");
    project.run("build --target s3").succeeds().says("WARN=0 ERROR=0");
    assert_eq!(figures(&project, "s3"), expected);
}

#[test]
fn a_profile_that_is_wrong_says_what_to_write() {
    let project =
        TestProject::new().file("project.yml", "name: shop\nprofile: shop\n").model("a", "select 1 as id");
    for (output, wanted) in [
        ("{type: postgres, host: h, user: u, dbname: d, schema: s, passwort: x}", "no key `passwort`"),
        ("{type: postgres, host: h, user: u, dbname: d, schema: s, sslmode: full}", "`sslmode` is `full`"),
        ("{type: postgres, user: u, dbname: d, schema: s}", "has to have `host`"),
        ("{type: postgres, host: h, user: u, schema: s}", "`dbname` must be given"),
    ] {
        project.write("profiles.yml", format!("shop: {{target: dev, outputs: {{dev: {output}}}}}"));
        project.run("build").exits(2).says("error[invalid-profile]").says(wanted);
    }
}
