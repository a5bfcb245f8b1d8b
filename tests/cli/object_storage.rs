//! Raw data in object storage, results written back to it, and how they are published.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::services;
use crate::test_project::TestProject;

/// A project whose DuckDB has `keys` beside.
fn project(extensions: &str, keys: &str) -> TestProject {
    TestProject::new()
        .file("project.yml", "name: shop\nprofile: shop\n")
        .file("profiles.yml", profile(keys))
        .env("XFORM_DUCKDB_EXTENSIONS", extensions)
}

fn profile(keys: &str) -> String {
    format!(
        "shop:\n  target: dev\n  outputs:\n    dev:\n      type: duckdb\n      path: shop.duckdb\n      threads: 4\n{keys}"
    )
}

fn s3_keys(endpoint: &str) -> String {
    let host = endpoint.trim_start_matches("http://");
    format!(
        "      extensions: [httpfs]\n      secrets: [{{type: s3, key_id: test-key-id, secret: test-secret-key, region: us-east-1, endpoint: '{host}', url_style: path, use_ssl: false}}]\n"
    )
}

/// A bucket of the stand-in for S3 that nobody else uses.
fn bucket(endpoint: &str, name: &str) -> String {
    let name = format!("{name}-{}", std::process::id());
    ureq::put(format!("{endpoint}/{name}")).send_empty().unwrap();
    name
}

/// A DuckDB beside xform, as a reader is.
fn reader(extensions: &str, endpoint: Option<&str>) -> duckdb::Connection {
    let config = duckdb::Config::default().with("extension_directory", extensions).unwrap();
    let connection = duckdb::Connection::open_in_memory_with_flags(config).unwrap();
    if let Some(endpoint) = endpoint {
        let host = endpoint.trim_start_matches("http://");
        let secret = format!(
            "load httpfs; create secret (type s3, key_id 'test-key-id', secret 'test-secret-key', region 'us-east-1', endpoint '{host}', url_style 'path', use_ssl false)"
        );
        connection.execute_batch(&secret).unwrap();
    }
    connection
}

const ORDERS: &str = "select i as id, case when i % 2 = 0 then '결제' else '취소' end as 상태, i * 1000 as 금액 from range(6) as t(i)";

/// Models that write every kind of file below a place.
fn write_all(project: TestProject, place: &str) -> TestProject {
    project
        .model("orders", ORDERS)
        .model("as_parquet", &format!("{{{{ config(materialized='external', location='{place}/주문.parquet') }}}} select * from {{{{ ref('orders') }}}}"))
        .model("as_csv", &format!("{{{{ config(materialized='external', location='{place}/orders.csv') }}}} select * from {{{{ ref('orders') }}}}"))
        .model("as_json", &format!("{{{{ config(materialized='external', location='{place}/orders.json') }}}} select * from {{{{ ref('orders') }}}}"))
        .model("in_parts", &format!("{{{{ config(materialized='external', location='{place}/parts', options={{'partition_by': '상태'}}) }}}} select * from {{{{ ref('orders') }}}}"))
        .model("all", "{% for m in ['as_parquet', 'as_csv', 'as_json', 'in_parts'] %}select '{{ m }}' as m, count(*) as n, sum(금액) as 합 from {{ ref(m) }} where 상태 = '결제' {{ 'union all' if not loop.last }} {% endfor %}")
}

#[track_caller]
fn all_are_there(project: &TestProject) {
    let rows = project.query("select m, n, cast(합 as int) as s from {{ ref('all') }} order by m");
    let row = |name: &str| json!({"m": name, "n": 3, "s": 6000});
    assert_eq!(rows, json!([row("as_csv"), row("as_json"), row("as_parquet"), row("in_parts")]));
}

#[test]
fn s3_is_read_and_written_and_its_columns_are_known_before_a_run() {
    let (Some(endpoint), Some(extensions)) = (services::s3("S3"), services::extensions("S3")) else { return };
    let bucket = bucket(&endpoint, "both");
    let place = format!("s3://{bucket}/나온것");
    let written = write_all(project(&extensions, &s3_keys(&endpoint)), &place);
    written.run("build").succeeds();
    all_are_there(&written);
    written.run("build").succeeds();
    all_are_there(&written);

    // dbt-duckdb's other way to say who reads.
    let filesystems = format!(
        "      filesystems: [{{fs: s3, key: test-key-id, secret: test-secret-key, client_kwargs: {{endpoint_url: '{endpoint}', region_name: us-east-1}}}}]\n"
    );
    let read = project(&extensions, &filesystems)
        .file(
            "models/s.yml",
            format!(
                "sources:\n- name: raw\n  config: {{meta: {{external_location: '{place}/{{name}}'}}}}\n  tables:\n  - name: orders.csv\n  - name: orders.json\n  - name: 주문.parquet\n  - name: parts\n    config: {{meta: {{external_location: \"read_parquet('{place}/parts/*/*/*.parquet', hive_partitioning=false)\"}}}}\n"
            ),
        )
        .model("a", "select p.id, c.금액, j.상태 from {{ source('raw', '주문.parquet') }} p join {{ source('raw', 'orders.csv') }} c using (id) join {{ source('raw', 'orders.json') }} j using (id)")
        .model("b", "select 상태, count(distinct id) as n from {{ source('raw', 'parts') }} group by 상태");
    read.run("build").succeeds();
    assert_eq!(
        read.query("select count(*) as n, cast(sum(금액) as int) as s from {{ ref('a') }}"),
        json!([{"n": 6, "s": 15000}])
    );
    assert_eq!(read.query("select sum(n)::int as n from {{ ref('b') }}"), json!([{"n": 6}]));
    read.write("models/a.sql", "select id, 금엑 from {{ source('raw', '주문.parquet') }}");
    read.run("check").exits(1).says("금엑").says("`금액`").says("models/a.sql:1:12");
    // A second look asks nobody.
    read.write("profiles.yml", profile(&filesystems));
    read.run("check").exits(1).says("`금액`");
}

#[test]
fn an_address_that_does_not_answer_holds_up_a_check_for_a_moment_only() {
    let Some(extensions) = services::extensions("an address that is silent") else { return };
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://127.0.0.1:{}", silent.local_addr().unwrap().port());
    let project = project(&extensions, &s3_keys(&endpoint))
        .file("models/s.yml", "sources:\n- name: raw\n  tables:\n  - name: t\n    config: {meta: {external_location: 's3://b/t.parquet'}}\n")
        .model("a", "select id from {{ source('raw', 't') }}");
    let started = Instant::now();
    project.run("check").succeeds();
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
    let again = Instant::now();
    project.run("check").succeeds();
    assert!(again.elapsed() < Duration::from_secs(4), "{:?}", again.elapsed());
}

/// Says of every request that it is not allowed.
fn denying_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut asked = vec![0; 65536];
                let _ = stream.read(&mut asked);
                let body = "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
                let _ = write!(
                    stream,
                    "HTTP/1.1 403 Forbidden\r\nContent-Type: application/xml\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                    body.len()
                );
            });
        }
    });
    address
}

#[test]
fn a_bucket_that_denies_writing_fails_its_nodes_and_retry_finishes() {
    let (Some(endpoint), Some(extensions)) =
        (services::s3("a bucket that denies"), services::extensions("a bucket that denies"))
    else {
        return;
    };
    let bucket = bucket(&endpoint, "denied");
    let project = write_all(project(&extensions, &s3_keys(&denying_server())), &format!("s3://{bucket}/x"));
    let started = Instant::now();
    let ran = project.run("--debug build").exits(1);
    assert!(started.elapsed() < Duration::from_mins(1), "{:?}", started.elapsed());
    let ran = ran.says("error[database-error]").says("403").says("PASS=1 WARN=0 ERROR=4 SKIP=1");
    assert!(!ran.text().contains("test-secret-key"));
    let log = project.read("logs/dbt.log");
    assert!(!log.contains("test-secret-key"));
    project.write("profiles.yml", profile(&s3_keys(&endpoint)));
    project.run("retry").succeeds().says("PASS=5");
    all_are_there(&project);
    assert_eq!(project.query("select count(*) as n from {{ ref('orders') }}"), json!([{"n": 6}]));
    let left = project.query("select count(*) as n from duckdb_tables() where contains(table_name, '__dbt')");
    assert_eq!(left, json!([{"n": 0}]));
}

/// A reader that reads again and again what is published at a place, and never finds rows of two
/// builds, while builds come and go, and some are killed.
fn publish(project: &TestProject, place: &str, reader: duckdb::Connection) {
    let model = |turn: usize| {
        format!(
            "{{{{ config(materialized='external', location='{place}', options={{'partition_by': 'part'}}) }}}} select i as id, i % 8 as part, {turn} as turn from range(200000) as t(i)"
        )
    };
    project.write("models/out.sql", model(0));
    project.run("build").succeeds();
    let is_done = Arc::new(AtomicBool::new(false));
    let (watching, place) = (Arc::clone(&is_done), place.to_owned());
    let watcher = std::thread::spawn(move || {
        let mut looks = 0;
        while !watching.load(Ordering::SeqCst) {
            let version: String = reader
                .query_row(
                    &format!("select trim(content, chr(10)) from read_text('{place}/_current')"),
                    [],
                    |row| row.get(0),
                )
                .unwrap();
            let sql = format!(
                "select count(*), count(distinct turn) from read_parquet('{place}/{version}/*/*.parquet')"
            );
            let (rows, turns): (i64, i64) =
                reader.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
            assert_eq!((rows, turns), (200_000, 1), "{version}");
            looks += 1;
        }
        looks
    });
    for turn in 1..=6 {
        project.write("models/out.sql", model(turn));
        if turn % 2 == 1 {
            let mut child =
                project.command(["build"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            std::thread::sleep(Duration::from_millis(150 * turn as u64));
            child.kill().unwrap();
            child.wait().unwrap();
        } else {
            project.run("build").succeeds();
            let seen = project.query("select count(*) as n, count(distinct turn) as turns, cast(max(turn) as int) as turn from {{ ref('out') }}");
            assert_eq!(seen, json!([{"n": 200_000, "turns": 1, "turn": turn}]));
        }
    }
    is_done.store(true, Ordering::SeqCst);
    assert!(watcher.join().unwrap() > 3);
}

#[test]
fn readers_of_a_folder_see_the_old_or_the_new_files() {
    let project = project("", "");
    let place = project.path("나온것/표").to_string_lossy().into_owned();
    let connection = duckdb::Connection::open_in_memory().unwrap();
    publish(&project, &place, connection);
    // The current version and the one before, and nothing of those that were killed.
    let versions =
        std::fs::read_dir(&place).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_dir()).count();
    assert_eq!(versions, 2);
}

#[test]
fn readers_of_a_bucket_see_the_old_or_the_new_files() {
    let (Some(endpoint), Some(extensions)) = (services::s3("publishing"), services::extensions("publishing"))
    else {
        return;
    };
    let bucket = bucket(&endpoint, "published");
    let project = project(&extensions, &s3_keys(&endpoint));
    publish(&project, &format!("s3://{bucket}/out"), reader(&extensions, Some(&endpoint)));
}

/// The signature of a request to Azure's blob service.
/// <https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key>
fn make_container(connection: &str, name: &str) {
    use base64::Engine as _;
    let part = |key: &str| connection.split(';').find_map(|part| part.strip_prefix(key)).unwrap();
    let (account, endpoint) = (part("AccountName="), part("BlobEndpoint="));
    let key = base64::engine::general_purpose::STANDARD.decode(part("AccountKey=")).unwrap();
    let date = chrono::Utc::now().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let text = format!(
        "PUT\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:{date}\nx-ms-version:2021-08-06\n/{account}/{account}/{name}\nrestype:container"
    );
    let signature = base64::engine::general_purpose::STANDARD.encode(hmac(&key, text.as_bytes()));
    ureq::put(format!("{endpoint}/{name}?restype=container"))
        .header("x-ms-date", &date)
        .header("x-ms-version", "2021-08-06")
        .header("Authorization", format!("SharedKey {account}:{signature}"))
        .send_empty()
        .unwrap();
}

/// RFC 2104, for a key that is no longer than a block.
fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let block = |with: u8| (0..64).map(|at| key.get(at).copied().unwrap_or(0) ^ with).collect::<Vec<u8>>();
    let inner = Sha256::new().chain_update(block(0x36)).chain_update(text).finalize();
    Sha256::new().chain_update(block(0x5c)).chain_update(inner).finalize().to_vec()
}

#[test]
fn azure_is_read_and_written() {
    let (Some(connection), Some(extensions)) = (services::azure("Azure"), services::extensions("Azure"))
    else {
        return;
    };
    let container = format!("shop-{}", std::process::id());
    make_container(&connection, &container);
    let keys = format!(
        "      extensions: [azure]\n      secrets: [{{type: azure, connection_string: '{connection}'}}]\n"
    );
    let project = write_all(project(&extensions, &keys), &format!("az://{container}/out"));
    let ran = project.run("build").succeeds();
    all_are_there(&project);
    let key = connection.split("AccountKey=").nth(1).unwrap().split(';').next().unwrap();
    assert!(!ran.text().contains(key));
}

#[test]
fn google_cloud_storage_is_read() {
    let (Some(endpoint), Some(extensions)) =
        (services::gcs("Google Cloud Storage"), services::extensions("Google Cloud Storage"))
    else {
        return;
    };
    let bucket = format!("shop-{}", std::process::id());
    ureq::post(format!("{endpoint}/storage/v1/b?project=p"))
        .content_type("application/json")
        .send(json!({"name": bucket}).to_string())
        .unwrap();
    let csv = "id,이름\n1,가\n2,나\n";
    ureq::post(format!("{endpoint}/upload/storage/v1/b/{bucket}/o?uploadType=media&name=raw/users.csv"))
        .send(csv)
        .unwrap();
    let host = endpoint.trim_start_matches("http://");
    let keys = format!(
        "      extensions: [httpfs]\n      secrets: [{{type: gcs, key_id: a-key-id, secret: a-secret-key, endpoint: '{host}', url_style: path, use_ssl: false}}]\n"
    );
    let project = project(&extensions, &keys)
        .file("models/s.yml", format!("sources:\n- name: raw\n  tables:\n  - name: users\n    config: {{meta: {{external_location: 'gs://{bucket}/raw/{{name}}.csv'}}}}\n"))
        .model("a", "select id, 이름 from {{ source('raw', 'users') }}");
    project.run("build").succeeds();
    assert_eq!(
        project.query("select * from {{ ref('a') }} order by id"),
        json!([{"id": 1, "이름": "가"}, {"id": 2, "이름": "나"}])
    );
}

#[test]
fn a_missing_extension_is_named_with_what_to_do() {
    let empty = tempfile::tempdir().unwrap();
    let folder = empty.path().to_string_lossy().into_owned();
    let keys = "      extensions: [{name: no_such_extension, repo: 'http://127.0.0.1:9'}]\n";
    let project = project(&folder, keys).model("a", "select 1 as id");
    let started = Instant::now();
    let ran = project.run("build").exits(2);
    ran.says("error[connection-failed]: the extension `no_such_extension` cannot be loaded")
        .says("put `no_such_extension.duckdb_extension` for DuckDB v1.5.5 into");
    assert!(started.elapsed() < Duration::from_mins(1));
}

#[test]
fn a_postgres_database_is_attached_and_its_password_hidden() {
    let (Some(database), Some(extensions)) = (services::postgres("attached"), services::extensions("attach"))
    else {
        return;
    };
    database
        .client()
        .batch_execute("create table users (id int, 이름 text); insert into users values (1, '가')")
        .unwrap();
    let attach = |password: &str| {
        let services::Database { host, port, user, name, .. } = &database;
        format!(
            "      extensions: [postgres_scanner]\n      attach: [{{path: 'host={host} port={port} user={user} password={password} dbname={name}', type: postgres, alias: shop_db}}]\n"
        )
    };
    let project = project(&extensions, &attach(&database.password))
        .file("models/s.yml", "sources:\n- name: public\n  database: shop_db\n  tables: [{name: users}]\n")
        .model("a", "select id, 이름 from {{ source('public', 'users') }}")
        .model("back", "{{ config(materialized='table', database='shop_db', schema='out') }} select * from {{ ref('a') }}");
    let ran = project.run("--debug build").succeeds();
    assert!(
        !ran.text().contains(&database.password)
            && !project.read("logs/dbt.log").contains(&database.password)
    );
    let back: String = database.client().query_one("select 이름 from main_out.back", &[]).unwrap().get(0);
    assert_eq!(back, "가");
    project.write("profiles.yml", profile(&attach("a-wrong-password")));
    let ran = project.run("--debug build").exits(2).says("error[connection-failed]");
    assert!(!ran.text().contains("a-wrong-password"), "{}", ran.text());
}

#[test]
fn a_ducklake_has_its_data_on_s3() {
    let (Some(endpoint), Some(extensions)) = (services::s3("DuckLake"), services::extensions("DuckLake"))
    else {
        return;
    };
    let bucket = bucket(&endpoint, "lake");
    let keys = s3_keys(&endpoint).replace("[httpfs]", "[httpfs, ducklake]")
        + &format!(
            "      attach: [{{path: 'ducklake:lake.ducklake', alias: lake, options: {{data_path: 's3://{bucket}/lake/'}}}}]\n      database: lake\n"
        );
    let project = project(&extensions, &keys)
        .model("orders", &format!("{{{{ config(materialized='table') }}}} {}", ORDERS.replace("range(6)", "range(2000)")))
        .model("paid", "{{ config(materialized='incremental', unique_key='id') }} select * from {{ ref('orders') }} where 상태 = '결제'");
    project.run("build").succeeds();
    project.run("build").succeeds();
    assert_eq!(project.query("select count(*) as n from {{ ref('paid') }}"), json!([{"n": 1000}]));
    let listed = reader(&extensions, Some(&endpoint));
    let files: i64 = listed
        .query_row(&format!("select count(*) from glob('s3://{bucket}/lake/**')"), [], |row| row.get(0))
        .unwrap();
    assert!(files > 0);
}

/// Puts the files of a folder into a bucket.
fn upload(endpoint: &str, bucket: &str, folder: &std::path::Path, below: &str) {
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let key = format!("{below}/{}", entry.file_name().to_string_lossy());
        match entry.path() {
            path if path.is_dir() => upload(endpoint, bucket, &path, &key),
            path => {
                let bytes = std::fs::read(path).unwrap();
                ureq::put(format!("{endpoint}/{bucket}/{key}")).send(&bytes[..]).unwrap();
            }
        }
    }
}

/// A Delta table of two versions, the second of which has one more file.
fn delta_table(extensions: &str, folder: &std::path::Path) {
    std::fs::create_dir_all(folder.join("_delta_log")).unwrap();
    let connection = reader(extensions, None);
    for (version, ids) in ["range(3)", "range(3, 5)"].into_iter().enumerate() {
        let file = folder.join(format!("part-{version}.parquet"));
        let sql = format!(
            "copy (select range as order_id, '주문' || range as 이름 from {ids}) to '{}'",
            file.display()
        );
        connection.execute_batch(&sql).unwrap();
        let field =
            |name: &str, kind: &str| json!({"name": name, "type": kind, "nullable": true, "metadata": {}});
        let schema =
            json!({"type": "struct", "fields": [field("order_id", "long"), field("이름", "string")]});
        let begins = [
            json!({"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}}),
            json!({"metaData": {
                "id": "0b1e5c9e-6a4f-4d3a-9a56-1f2f3a4b5c6d", "format": {"provider": "parquet", "options": {}},
                "schemaString": schema.to_string(), "partitionColumns": [], "configuration": {}, "createdTime": 0,
            }}),
        ];
        let add = json!({"add": {
            "path": format!("part-{version}.parquet"), "partitionValues": {}, "modificationTime": 0,
            "size": std::fs::metadata(&file).unwrap().len(), "dataChange": true,
        }});
        let actions = begins.iter().filter(|_| version == 0).chain([&add]);
        let lines: Vec<String> = actions.map(ToString::to_string).collect();
        std::fs::write(folder.join(format!("_delta_log/{version:020}.json")), lines.join("\n")).unwrap();
    }
}

#[test]
fn tables_of_iceberg_and_delta_are_read_and_their_columns_known() {
    let (Some(endpoint), Some(extensions)) = (services::s3("lakes"), services::extensions("lakes")) else {
        return;
    };
    let bucket = bucket(&endpoint, "lakes");
    let iceberg = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/iceberg/users");
    let delta = tempfile::tempdir().unwrap();
    delta_table(&extensions, delta.path());
    upload(&endpoint, &bucket, &iceberg, "users");
    upload(&endpoint, &bucket, delta.path(), "orders");
    let keys = s3_keys(&endpoint).replace("[httpfs]", "[httpfs, avro, iceberg, delta]");
    for (users, orders) in [
        (iceberg.display().to_string(), delta.path().display().to_string()),
        (format!("s3://{bucket}/users"), format!("s3://{bucket}/orders")),
    ] {
        let sources = format!(
            "sources:\n- name: lake\n  tables:\n  - name: users\n    config: {{meta: {{external_location: \"iceberg_scan('{users}', allow_moved_paths=true)\"}}}}\n  - name: orders\n    config: {{meta: {{external_location: \"delta_scan('{orders}')\"}}}}\n"
        );
        let project = project(&extensions, &keys)
            .file("models/s.yml", sources)
            .model("m", "select u.이름, o.이름 as 주문 from {{ source('lake', 'users') }} u join {{ source('lake', 'orders') }} o on o.order_id = u.user_id");
        project.run("build").succeeds();
        let rows = json!([{"이름": "김민준", "주문": "주문1"}, {"이름": "박도윤", "주문": "주문3"}, {"이름": "이서연", "주문": "주문2"}]);
        assert_eq!(project.query("select * from {{ ref('m') }} order by 1"), rows);
        for (source, told) in [("users", "user_id"), ("orders", "order_id")] {
            let wrong = told.replace("_id", "_idd");
            project
                .write("models/m.sql", format!("select {wrong} from {{{{ source('lake', '{source}') }}}}"));
            project.run("check").exits(1).says(&wrong).says(&format!("`{told}`")).says("models/m.sql:1:8");
        }
    }
}
