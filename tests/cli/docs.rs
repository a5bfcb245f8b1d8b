use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::test_project::TestProject;

fn shop() -> TestProject {
    TestProject::new()
        .file("seeds/raw.csv", "id,이름\n1,가\n")
        .model("orders", "{{ config(materialized='table', persist_docs={'relation': true, 'columns': true}) }} select * from {{ ref('raw') }}")
        .model("late", "select * from {{ ref('orders') }}")
        .file("models/docs.md", "{% docs orders %}Orders & <b>'more'</b>{% enddocs %}")
        .file(
            "models/schema.yml",
            "models:\n  - name: orders\n    description: \"{{ doc('orders') }}\"\n    columns:\n      - {name: 이름, description: it's}\n",
        )
}

/// A teahouse with one of everything, and names and texts that would do harm if they were taken for
/// HTML or JavaScript.
fn teahouse() -> TestProject {
    TestProject::bare()
        .file("dbt_project.yml", "name: 찻집\nversion: '1'\nconfig-version: 2\nprofile: tea\n")
        .file("profiles.yml", "tea:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: tea.duckdb}\n")
        .file("README.md", "# 찻집\n\n</script><script>alert('readme')</script>\n")
        .file("seeds/차.csv", "id,이름,값\n1,녹차,3000\n2,홍차,4000\n")
        .file(
            "models/주문.sql",
            "{{ config(materialized='table') }}\n-- 🍵 '차' {{ var('x', 1) }}\nselect id, 이름 as 차_이름, {{ 원('값') }} as 값, 'a{{ 1 }}b' as \"따'옴\"\nfrom {{ ref('차') }} where id > 0",
        )
        .file("models/하루.sql", "select 차_이름, sum(값) as 매출 from {{ ref('주문') }} group by 1")
        .file("models/원본.sql", "select * from {{ source('가게', 't') }}")
        .file("macros/원.sql", "{% macro 원(열) %}cast({{ 열 }} as bigint){% endmacro %}\n{% macro 남(a) %}{{ 원(a) }}{% endmacro %}")
        .file(
            "models/schema.yml",
            r##"
models:
  - name: 주문
    description: "<script>alert(1)</script> **주문** </script>"
    docs: {node_color: "#aa0000"}
    columns:
      - name: id
        description: 번호 <img src=x onerror=alert(1)>
        data_tests: [unique, not_null]
      - name: 차_이름
        description: 차의 이름
    meta: {"</script>": "<!-- x"}
    config: {tags: ["<b>"]}
unit_tests:
  - name: 매출을_더한다
    model: 하루
    given:
      - input: ref('주문')
        rows:
          - {차_이름: 녹차, 값: 1}
    expect:
      rows:
        - {차_이름: 녹차, 매출: 1}
sources:
  - name: 가게
    tables: [{name: t, description: "a `t`"}]
exposures:
  - name: 판
    type: dashboard
    label: 매출 "판" </script>
    url: "javascript:alert(1)"
    owner: {name: 김, email: kim@example.com}
    depends_on: [ref('하루')]
groups:
  - name: 팀
    owner: {name: 이, email: lee@example.com}
"##,
        )
        .file("models/docs.md", "{% docs __찻집__ %}about the package{% enddocs %}")
}

fn catalog(project: &TestProject) -> Value {
    serde_json::from_str(&project.read("target/catalog.json")).unwrap()
}

/// A part of the site, as the script that hands it to the app.
fn part(project: &TestProject, name: &str) -> Value {
    let script = project.read(&format!("target/xform-docs/data/{name}.js"));
    assert!(!script.contains('<'), "{name}: {script}");
    let json = script.strip_prefix(&format!("xform.take(\"{name}\",")).unwrap().strip_suffix(");\n").unwrap();
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The site as a whole: its index, and all details by unique id.
struct Site {
    index: Value,
    details: Vec<Value>,
}

impl Site {
    fn read(project: &TestProject) -> Self {
        let index = part(project, "index");
        let count = index["nodes"].as_array().unwrap().len();
        let chunk = usize::try_from(index["chunk"].as_u64().unwrap()).unwrap();
        let details: Vec<Value> = (0..count.div_ceil(chunk))
            .flat_map(|at| part(project, &format!("nodes/{at}"))["nodes"].as_array().unwrap().clone())
            .collect();
        assert_eq!(details.len(), count);
        Self { index, details }
    }

    fn id(&self, unique_id: &str) -> usize {
        let nodes = self.index["nodes"].as_array().unwrap();
        nodes.iter().position(|node| node["id"] == unique_id).unwrap_or_else(|| panic!("no {unique_id}"))
    }

    fn entry(&self, unique_id: &str) -> &Value {
        &self.index["nodes"][self.id(unique_id)]
    }

    fn detail(&self, unique_id: &str) -> &Value {
        &self.details[self.id(unique_id)]
    }

    /// The marks of a code, each with its text.
    fn marks(code: &Value) -> Vec<(String, i64, i64)> {
        let units: Vec<u16> = code["text"].as_str().unwrap().encode_utf16().collect();
        let numbers: Vec<i64> =
            code["marks"].as_array().unwrap().iter().map(|number| number.as_i64().unwrap()).collect();
        assert_eq!(numbers.len() % 4, 0);
        let text = |mark: &[i64]| {
            let (start, length) = (usize::try_from(mark[0]).unwrap(), usize::try_from(mark[1]).unwrap());
            String::from_utf16(&units[start..start + length]).unwrap()
        };
        numbers.chunks(4).map(|mark| (text(mark), mark[2], mark[3])).collect()
    }
}

#[test]
fn the_catalog_has_the_relations_that_are_there_with_their_comments() {
    let project = shop();
    project.run("build --select raw orders").succeeds();
    project.run("docs generate").succeeds().says("Catalog written to").says("Documentation written to");
    let catalog = catalog(&project);
    let nodes: Vec<&String> = catalog["nodes"].as_object().unwrap().keys().collect();
    assert_eq!(nodes, ["model.shop.orders", "seed.shop.raw"], "`late` is not built");
    let orders = &catalog["nodes"]["model.shop.orders"];
    assert_eq!(orders["metadata"]["type"], "BASE TABLE");
    assert_eq!(orders["metadata"]["comment"], "Orders & <b>'more'</b>");
    assert_eq!(orders["metadata"]["owner"], Value::Null);
    assert_eq!(orders["columns"]["이름"]["comment"], "it's");
    assert_eq!(orders["columns"]["이름"]["index"], 2);
    assert_eq!(orders["stats"]["has_stats"]["value"], false, "sizes are for the site alone");
    assert_eq!(catalog["errors"], Value::Null);
    let site = Site::read(&project);
    assert_eq!(site.detail("model.shop.orders")["stats"], json!({"rows": 1, "kind": "BASE TABLE"}));
    assert!(!project.exists("target/static_index.html"));
}

#[test]
fn the_site_tells_all_of_the_project_and_nothing_in_it_is_html() {
    let project = teahouse();
    project.run("build --exclude 원본").succeeds();
    project.run("docs generate").succeeds();
    let site = Site::read(&project);
    let index = &site.index;
    assert_eq!(index["project"], "찻집");
    assert_eq!(index["is_live"], false);
    assert_eq!(index["is_compiled"], true);
    assert!(index["overview"].as_str().unwrap().starts_with("# 찻집\n\n</script>"));
    assert_eq!(index["packages"], json!([{"name": "찻집", "overview": "about the package"}]));
    assert_eq!(index["groups"], json!({"팀": {"owner": "이", "email": "lee@example.com"}}));
    let ids: Vec<&str> =
        index["nodes"].as_array().unwrap().iter().map(|node| node["id"].as_str().unwrap()).collect();
    assert!(ids.is_sorted(), "{ids:?}");
    for wanted in ["macro.찻집.원", "macro.찻집.남", "macro.dbt.test_unique", "group.찻집.팀"] {
        assert!(ids.contains(&wanted), "{wanted}");
    }
    assert!(!ids.contains(&"macro.dbt.test_accepted_values"), "nothing calls it");

    let order = site.id("model.찻집.주문");
    let entry = site.entry("model.찻집.주문");
    assert_eq!(entry["summary"], "<script>alert(1)</script> 주문 </script>");
    assert_eq!(entry["materialized"], "table");
    assert_eq!(entry["relation"], json!(["tea", "main", "주문"]));
    assert_eq!(entry["columns"], json!([4, 2, 1]));
    assert_eq!(entry["color"], "#aa0000");
    assert_eq!(entry["depends"], json!([site.id("seed.찻집.차")]));
    assert_eq!(entry["last"][0], "success");
    assert_eq!(entry["last"][2], 0);

    let detail = site.detail("model.찻집.주문");
    assert_eq!(detail["patch"], "models/schema.yml:3");
    assert_eq!(detail["meta"], json!({"</script>": "<!-- x"}));
    assert_eq!(detail["tests"].as_array().unwrap().len(), 2);
    assert_eq!(detail["history"][0][1], "success");
    assert_eq!(detail["stats"]["rows"], 2);
    assert_eq!(detail["columns"][2]["type"], "BIGINT");
    let code = Site::marks(&detail["code"]);
    let has = |text: &str, kind: i64, target: i64| code.contains(&(text.to_owned(), kind, target));
    let number = |unique_id: &str| i64::try_from(site.id(unique_id)).unwrap();
    assert!(has("ref('차')", 7, number("seed.찻집.차")), "{code:?}");
    assert!(has("원", 8, number("macro.찻집.원")), "{code:?}");
    assert!(has("-- 🍵 '차' ", 4, -1) && has("'a", 2, -1) && has("b'", 2, -1), "{code:?}");
    assert!(has("select", 1, -1) && has("{{", 6, -1) && has("config", 5, -1) && has("0", 3, -1), "{code:?}");
    let compiled = Site::marks(&detail["compiled"]);
    assert!(
        compiled.contains(&("\"tea\".\"main\".\"차\"".to_owned(), 7, number("seed.찻집.차"))),
        "{compiled:?}"
    );

    // The description goes on to where the column is copied to.
    let day = site.detail("model.찻집.하루");
    assert_eq!(day["columns"][0]["description"], "차의 이름");
    assert_eq!(day["columns"][0]["inherited"], json!([order, "차_이름"]));
    let unit = site.detail("unit_test.찻집.하루.매출을_더한다");
    assert_eq!(unit["unit"]["given"][0][0], "ref('주문')");
    assert_eq!(unit["unit"]["given"][0][1], "차_이름: 녹차, 값: 1");
    let called = &site.detail("macro.찻집.원")["called_by"];
    assert_eq!(*called, json!([site.id("macro.찻집.남"), order]));
    let exposure = site.detail("exposure.찻집.판");
    assert_eq!(exposure["exposure"]["url"], "javascript:alert(1)", "the app does not follow it");
    assert_eq!(site.entry("exposure.찻집.판")["label"], "매출 \"판\" </script>");

    let lineage = part(&project, "lineage");
    let columns = |unique_id: &str| lineage["columns"][site.id(unique_id)].clone();
    assert_eq!(columns("model.찻집.하루"), json!(["차_이름", "매출"]));
    let edges: Vec<i64> =
        lineage["edges"].as_array().unwrap().iter().map(|number| number.as_i64().unwrap()).collect();
    let edges: Vec<&[i64]> = edges.chunks(5).collect();
    let (seed, model, day, board) = (
        number("seed.찻집.차"),
        number("model.찻집.주문"),
        number("model.찻집.하루"),
        number("exposure.찻집.판"),
    );
    for wanted in [
        [seed, 1, model, 1, 1],
        [seed, 2, model, 2, 2],
        [seed, 0, model, -1, 5],
        [model, 2, day, 1, 3],
        [model, 1, day, -1, 6],
        [day, 1, board, -1, 8],
    ] {
        assert!(edges.contains(&&wanted[..]), "{wanted:?} is not in {edges:?}");
    }
    let count = i64::try_from(site.details.len()).unwrap();
    for edge in &edges {
        assert!((0..count).contains(&edge[0]) && (0..count).contains(&edge[2]), "{edge:?}");
        let has = |node: i64, column: i64| {
            let node = usize::try_from(node).unwrap();
            usize::try_from(column).is_ok_and(|column| lineage["columns"][node].get(column).is_some())
        };
        assert!(has(edge[0], edge[1]) && (edge[3] == -1 || has(edge[2], edge[3])), "{edge:?}");
    }
    let searches = part(&project, "search/0");
    let texts = searches["texts"].as_array().unwrap();
    let text = texts.iter().find(|text| text[0] == order).unwrap();
    assert_eq!(text[1], "id 차_이름 값 따'옴");
    assert!(text[2].as_str().unwrap().contains("차의 이름") && text[3].as_str().unwrap().contains("🍵"));
}

#[test]
fn a_static_site_is_one_file_that_parses() {
    let project = teahouse();
    project.run("docs generate --empty-catalog --static").succeeds();
    let page = project.read("target/static_index.html");
    assert!(page.contains("<title>찻집 · xform docs</title>"));
    let mut names = Vec::new();
    for element in page.split("<script type=\"application/json\" data-part=\"").skip(1) {
        let (name, rest) = element.split_once('"').unwrap();
        let (head, rest) = rest.split_once('>').unwrap();
        let (json, _) = rest.split_once("</script>").unwrap();
        names.push(name.to_owned());
        if !head.contains("data-gzip") {
            serde_json::from_str::<Value>(json).unwrap_or_else(|error| panic!("{name}: {error}: {json}"));
        }
    }
    for wanted in ["index", "nodes/0", "lineage", "history", "search/0"] {
        assert!(names.iter().any(|name| name == wanted), "{wanted} is not in {names:?}");
    }
    assert!(!page.contains("alert('readme')</script>") && !page.contains("<img src=x"));
}

#[test]
fn a_selection_bounds_the_catalog_and_not_the_site() {
    let project = shop();
    project.run("build").succeeds();
    project.run("docs generate --select late").succeeds();
    let nodes: Vec<String> = catalog(&project)["nodes"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(nodes, ["model.shop.late"]);
    let site = Site::read(&project);
    assert_eq!(site.detail("model.shop.orders")["description"], "Orders & <b>'more'</b>");
    assert!(site.detail("model.shop.orders").get("stats").is_none());
    assert_eq!(site.detail("model.shop.late")["stats"]["kind"], "VIEW");
}

#[test]
fn the_warehouse_is_not_asked_for_an_empty_catalog() {
    let project =
        shop().file("assets/img/a.txt", "a").file("project.yml", "name: shop\nasset-paths: [assets]\n");
    project.run("docs generate --empty-catalog --no-compile").succeeds();
    assert_eq!(catalog(&project)["nodes"], json!({}));
    assert!(!project.exists("target/run_results.json"), "nothing was compiled");
    assert!(!project.exists("target/manifest.json"), "there is no SQL to tell of");
    assert_eq!(project.read("target/assets/img/a.txt"), "a");
    let site = Site::read(&project);
    assert_eq!(site.index["is_compiled"], false);
    assert_eq!(site.index["notices"].as_array().unwrap().len(), 2);
    let orders = site.detail("model.shop.orders");
    assert!(orders.get("compiled").is_none());
    assert_eq!(orders["columns"][0], json!({"name": "id", "type": "INTEGER"}), "what the compiler knows");
}

#[test]
fn a_warehouse_that_cannot_be_reached_leaves_a_site_of_what_is_known() {
    let project = shop().file(
        "profiles.yml",
        "shop:\n  target: dev\n  outputs:\n    dev: {type: postgres, host: nowhere.invalid, user: u, password: p, port: 5432, dbname: shop, schema: main}\n",
    ).file("project.yml", "name: shop\nprofile: shop\n");
    project
        .run("docs generate")
        .exits(1)
        .says("warning[connection-failed]: the catalog has nothing of the warehouse")
        .says("Documentation written to");
    assert!(catalog(&project)["errors"][0].as_str().unwrap().contains("cannot be reached"));
    let site = Site::read(&project);
    assert!(site.detail("model.shop.orders")["compiled"]["text"].as_str().unwrap().contains("\"raw\""));
    project.run("docs generate --empty-catalog").succeeds().says_nothing_of("warning[connection-failed]");

    let locked = shop()
        .file(
            "profiles.yml",
            "shop:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: no/folder/x.duckdb}\n",
        )
        .file("project.yml", "name: shop\nprofile: shop\n")
        .file("no", "a file, and no folder");
    locked.run("docs generate").exits(1).says("connection-failed").says("Documentation written to");
    let orders = Site::read(&locked).detail("model.shop.orders").clone();
    assert!(orders["compiled"]["text"].as_str().unwrap().contains("\"raw\""), "{orders}");
    assert!(locked.exists("target/manifest.json"));
}

#[test]
fn what_did_not_change_is_not_written_and_what_is_old_goes() {
    let project = shop();
    project.run("docs generate --empty-catalog").succeeds();
    let nodes = project.path("target/xform-docs/data/nodes/0.js");
    let stamp = |path: &std::path::Path| path.metadata().unwrap().modified().unwrap();
    let before = stamp(&nodes);
    project.write("target/xform-docs/data/nodes/9.js", "old");
    project.run("docs generate --empty-catalog").succeeds();
    assert_eq!(stamp(&nodes), before);
    assert!(!project.exists("target/xform-docs/data/nodes/9.js"));
}

#[test]
fn runs_are_remembered_and_damage_forgotten() {
    let project = TestProject::new()
        .model("a", "select {{ var('n', 1) }} as n")
        .file("tests/is_one.sql", "select * from {{ ref('a') }} where n <> 1");
    project.run("build").succeeds();
    project.run_with(["build", "--vars", "{n: 2}"]).exits(1);
    project.run("compile").succeeds();
    project.write("target/xform/runs/00.json", "{");
    project.run("docs generate").succeeds();
    let site = Site::read(&project);
    let runs = site.index["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 2, "compiling is no run");
    assert_eq!(runs[0]["counts"], json!({"fail": 1, "success": 1}));
    let history = &site.detail("test.shop.is_one")["history"];
    assert_eq!((&history[0][1], &history[0][3]), (&json!("fail"), &json!(1)));
    assert_eq!(history[1][1], "pass");
    let letters = part(&project, "history");
    assert!(
        letters["nodes"].as_array().unwrap().contains(&json!([site.id("test.shop.is_one"), "fp"])),
        "{letters}"
    );
    project.run("clean").succeeds();
    assert!(!project.exists("target/xform/runs"));
}

#[test]
fn a_macro_of_the_project_can_make_the_catalog() {
    let query = "select current_database() as table_database, 'main' as table_schema, 'raw' as table_name, 'T' as table_type, \
                 null as table_comment, 'kim' as table_owner, 'id' as column_name, 1 as column_index, 'INT' as column_type, \
                 null as column_comment, 'Rows' as \"stats:rows:label\", 7 as \"stats:rows:value\", 'How many' as \"stats:rows:description\", \
                 true as \"stats:rows:include\"";
    let macros = format!(
        "{{% macro duckdb__get_catalog_relations(information_schema, relations) %}}{{{{ return(run_query({query:?})) }}}}{{% endmacro %}}"
    );
    let project = shop().file("macros/catalog.sql", macros);
    project.run("docs generate").succeeds();
    let catalog = catalog(&project);
    let raw = &catalog["nodes"]["seed.shop.raw"];
    assert_eq!(raw["metadata"]["owner"], "kim");
    assert_eq!(raw["stats"]["rows"]["value"], 7);
    assert_eq!(raw["stats"]["has_stats"]["value"], true);
    let stats = &Site::read(&project).detail("seed.shop.raw")["stats"].clone();
    assert_eq!(*stats, json!({"rows": 7, "owner": "kim", "kind": "T"}));
}

#[test]
fn a_catalog_that_cannot_be_made_is_an_error_in_it() {
    let project = shop().file(
        "macros/catalog.sql",
        "{% macro duckdb__get_catalog_relations(information_schema, relations) %}{{ exceptions.raise_compiler_error('no') }}{% endmacro %}",
    );
    project.run("docs generate").exits(1).says("1 failure while writing the catalog");
    assert!(catalog(&project)["errors"][0].as_str().unwrap().contains("no"));
    assert!(project.exists("target/index.html"));
}

/// A server that ends with the test.
struct Served {
    child: Child,
    port: u16,
    lines: BufReader<std::process::ChildStdout>,
}

impl Served {
    fn start(project: &TestProject, more: &[&str]) -> Self {
        let arguments = ["docs", "serve", "--no-browser"].iter().chain(more);
        let mut child = project.command(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut text = String::new();
        let port = loop {
            let start = text.len();
            assert!(lines.read_line(&mut text).unwrap() > 0, "it ended: {text}");
            if let Some((_, rest)) = text[start..].split_once("http://") {
                let address = rest.split_whitespace().next().unwrap();
                break address.rsplit_once(':').unwrap().1.parse().unwrap();
            }
        };
        Self { child, port, lines }
    }

    fn send(&self, request: &str) -> TcpStream {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        stream
    }

    fn ask(&self, line: &str, headers: &str) -> String {
        let mut stream = self.send(&format!(
            "{line} HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\n{headers}\r\n",
            self.port
        ));
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Ctrl-C; what was printed until the end.
    fn end(mut self) -> (Option<i32>, String) {
        let pid = self.child.id().to_string();
        assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        let mut text = String::new();
        self.lines.read_to_string(&mut text).unwrap();
        (self.child.wait().unwrap().code(), text)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The next event of a stream.
fn event(events: &mut BufReader<TcpStream>) -> Value {
    let started = Instant::now();
    loop {
        let mut line = String::new();
        assert!(events.read_line(&mut line).unwrap() > 0 && started.elapsed() < Duration::from_mins(1));
        if let Some(data) = line.strip_prefix("data: ") {
            return serde_json::from_str(data).unwrap();
        }
    }
}

#[test]
fn the_server_shows_its_folder_to_this_machine_and_nothing_else() {
    let project = teahouse();
    project.run("docs generate --empty-catalog").succeeds();
    let served = Served::start(&project, &["--port", "0"]);
    let page = served.ask("GET /", "");
    assert!(page.starts_with("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"), "{page}");
    for header in [
        "X-Content-Type-Options: nosniff",
        "Cross-Origin-Resource-Policy: same-origin",
        "Cache-Control: no-cache",
        "X-Frame-Options: DENY",
    ] {
        assert!(page.contains(header), "{header}: {page}");
    }
    let index = served.ask("GET /xform-docs/data/index.js?1", "");
    assert!(index.contains("Content-Type: text/javascript") && index.contains("\"is_live\":true"));
    assert!(project.read("target/xform-docs/data/index.js").contains("\"is_live\":false"));
    let tag = index.split("ETag: ").nth(1).unwrap().lines().next().unwrap();
    let known = served.ask("GET /xform-docs/data/index.js", &format!("If-None-Match: {tag}\r\n"));
    assert!(known.starts_with("HTTP/1.1 304") && known.ends_with("\r\n\r\n"), "{known}");
    let head = served.ask("HEAD /manifest.json", "");
    assert!(
        head.starts_with("HTTP/1.1 200") && head.ends_with("\r\n\r\n") && head.contains("Content-Length: "),
        "{head}"
    );
    for line in [
        "GET /run_results.json",
        "GET /../dbt_project.yml",
        "GET /xform-docs/%2e%2e/run_results.json",
        "GET /tea.duckdb",
        "GET /xform-docs/..%5c..%5cprofiles.yml",
        "GET /%00",
        "GET /etc/passwd",
        "GET //etc/passwd",
        "GET /compiled/",
    ] {
        let answer = served.ask(line, "");
        assert!(answer.starts_with("HTTP/1.1 404"), "{line}: {answer}");
    }
    assert!(served.ask("POST /", "").starts_with("HTTP/1.1 405"));
    assert!(
        served
            .ask("GET /", "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\n")
            .starts_with("HTTP/1.1 403")
    );
    let answer = |request: &str| {
        let mut text = String::new();
        let _ = served.send(request).read_to_string(&mut text);
        text
    };
    for host in [
        "Host: evil.example\r\n",
        "Host: localhost.evil.example\r\n",
        "",
        "Host: localhost\r\nHost: evil.example\r\n",
    ] {
        let text = answer(&format!("GET / HTTP/1.1\r\n{host}Connection: close\r\n\r\n"));
        assert!(text.starts_with("HTTP/1.1 403"), "{host}: {text}");
    }
    assert!(answer("nonsense\r\n\r\n").starts_with("HTTP/1.1 400"));

    let port = served.port.to_string();
    project
        .run_with(["docs", "serve", "--no-browser", "--port", &port])
        .exits(2)
        .says("error[cannot-listen]");
    let (code, text) = served.end();
    assert_eq!(code, Some(0), "{text}");
}

#[test]
fn open_pages_hear_of_changes_and_of_what_is_wrong() {
    let project = shop();
    let served = Served::start(&project, &["--port", "0"]);
    assert!(project.exists("target/index.html"), "nobody has to generate first");
    let stream = served.send(&format!("GET /events HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n", served.port));
    let mut events = BufReader::new(stream);
    let first = event(&mut events);
    assert_eq!(first["problem"], Value::Null);
    assert!(
        served.ask("GET /xform-docs/data/index.js", "").contains(first["generated_at"].as_str().unwrap())
    );

    project.write("models/새로.sql", "select 1 as 하나");
    let second = event(&mut events);
    assert_ne!(second["generated_at"], first["generated_at"]);
    assert!(served.ask("GET /xform-docs/data/index.js", "").contains("model.shop.새로"));

    project.write("models/새로.sql", "select * from {{ ref('nothing') }}");
    let broken = event(&mut events);
    assert_eq!(broken["generated_at"], second["generated_at"]);
    assert!(broken["problem"].as_str().unwrap().contains("error[unresolved-ref]"), "{broken}");
    assert!(
        served.ask("GET /xform-docs/data/index.js", "").contains("model.shop.새로"),
        "the last good site stays"
    );

    project.write("models/새로.sql", "select 2 as 둘");
    let mended = event(&mut events);
    assert_eq!(mended["problem"], Value::Null);
    let (code, text) = served.end();
    assert_eq!(code, Some(0));
    let mut all = String::new();
    let _ = write!(all, "{text}");
    assert!(all.contains("unresolved-ref") && all.contains("The server has ended"), "{all}");
}

#[test]
fn folders_that_the_project_names_later_are_watched_too() {
    let project = shop();
    let served = Served::start(&project, &["--port", "0"]);
    let stream = served.send(&format!("GET /events HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n", served.port));
    let mut events = BufReader::new(stream);
    event(&mut events);
    project.write("project.yml", "name: shop\nprofile: shop\nmodel-paths: [models, 더]\n");
    project.write("더/하나.sql", "select 1 as 하나");
    event(&mut events);
    assert!(served.ask("GET /xform-docs/data/index.js", "").contains("model.shop.하나"));
    project.write("더/둘.sql", "select 2 as 둘");
    event(&mut events);
    assert!(served.ask("GET /xform-docs/data/index.js", "").contains("model.shop.둘"));
}

#[test]
fn sql_that_only_the_warehouse_could_tell_is_kept_for_the_server() {
    let project = TestProject::new().model(
        "늘어남",
        "{{ config(materialized='incremental') }} select 1 as n {% if is_incremental() %} where 1 > (select max(n) from {{ this }}) {% endif %}",
    );
    let shown = |project: &TestProject| {
        Served::start(project, &["--port", "0"]).end();
        Site::read(project).detail("model.shop.늘어남")["compiled"]["text"].clone()
    };
    assert_eq!(shown(&project), Value::Null);
    project.run("build").succeeds();
    project.run("docs generate").succeeds();
    let text = shown(&project);
    let text = text.as_str().unwrap();
    assert!(
        text.starts_with("-- When `docs generate` last asked") && text.contains("select max(n)"),
        "{text}"
    );
    project.write(
        "models/늘어남.sql",
        "{{ config(materialized='incremental') }} select 2 as n {% if is_incremental() %} {% endif %}",
    );
    assert_eq!(shown(&project), Value::Null, "of another template");
}
