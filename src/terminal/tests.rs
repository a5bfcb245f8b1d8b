//! One run, told by each reporter.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use insta::assert_snapshot;
use serde_json::{Map, Value, json};

use super::scrubbed::Secrets;
use super::*;
use crate::adapter::{Cell, Rows};
use crate::context::LogLevel;
use crate::diagnostic::{Code, Diagnostic};
use crate::execute::{Event, NodeResult, Reporter, Status};
use crate::manifest::testing::node;
use crate::manifest::{
    DataTest, Hook, HookEvent, Manifest, Node, NodeConfig, NodeId, NodeKind, ResourceType,
};
use crate::system::{MemorySystem, System};
use crate::text::{Files, Span};

struct Stage {
    files: Arc<Files>,
    manifest: Arc<Manifest>,
    system: Arc<dyn System>,
    output: Arc<Captured>,
    yaml: Span,
}

impl Stage {
    fn new() -> Self {
        let files = Arc::new(Files::new());
        let sql = files.add("models/orders.sql", "select 1 as id\n").span();
        let file = files.add("models/schema.yml", "models:\n  - name: 주문\n    tests: [unique]\n");
        let start = file.text().find("unique").unwrap_or_default();
        let yaml = Span::new(file.id(), start, start + "unique".len());
        let configured = |mut node: Node, config: Value| {
            let Value::Object(values) = config else { return node };
            node.config = NodeConfig::new(values);
            node
        };
        let test = |name: &str| {
            let test = DataTest {
                metadata: None,
                column_name: None,
                attached_node: None,
                file_key_name: None,
                span: yaml,
            };
            node(yaml, ResourceType::Test, name, NodeKind::Test(Box::new(test)))
        };
        let seed = NodeKind::Seed { root_path: "/p".to_owned() };
        let hook = NodeKind::Operation(Hook { event: HookEvent::RunStart, index: 0 });
        let nodes = [
            configured(
                node(sql, ResourceType::Model, "orders", NodeKind::Model(Box::default())),
                json!({"materialized": "table"}),
            ),
            node(sql, ResourceType::Model, "주문", NodeKind::Model(Box::default())),
            node(sql, ResourceType::Model, "daily", NodeKind::Model(Box::default())),
            node(sql, ResourceType::Seed, "users", seed),
            test("unique_주문_id"),
            configured(test("not_null_x"), json!({"store_failures": true})),
            node(sql, ResourceType::Operation, "shop-on-run-start-0", hook),
        ];
        let mut manifest = Manifest { project: "shop".to_owned(), ..Manifest::default() };
        manifest.nodes = nodes.into_iter().map(|node| (node.id.clone(), node)).collect();
        Self {
            files,
            manifest: Arc::new(manifest),
            system: Arc::new(MemorySystem::new()),
            output: Arc::new(Captured::new()),
            yaml,
        }
    }

    fn options(&self, flags: &crate::project::Flags) -> Options {
        Options::new(self.system.as_ref(), flags, Stream::Stdout, None)
    }

    fn terminal(&self, options: Options) -> TerminalReporter {
        let output: Arc<dyn Output> = Arc::<Captured>::clone(&self.output);
        TerminalReporter::new(options, output, Arc::clone(&self.system), Arc::clone(&self.files))
    }

    fn plain(&self) -> TerminalReporter {
        self.terminal(self.options(&crate::project::Flags::default()))
    }

    fn json(&self, level: Level) -> JsonReporter {
        let output: Arc<dyn Output> = Arc::<Captured>::clone(&self.output);
        JsonReporter::new(level, true, "id-1", output, Arc::clone(&self.system), Arc::clone(&self.files))
    }

    fn begin(&self, reporter: &dyn Reporter, command: &str) {
        reporter.report(Event::Started);
        reporter.report(Event::CommandStarted {
            command: command.to_owned(),
            project: "shop".to_owned(),
            target: "dev".to_owned(),
        });
        reporter.report(Event::Parsed {
            manifest: Arc::clone(&self.manifest),
            elapsed: Duration::from_millis(30),
        });
    }

    fn result(&self, id: &str, status: Status) -> NodeResult {
        NodeResult {
            id: NodeId::new(id),
            status,
            message: Some("OK".to_owned()),
            failures: None,
            failing_rows: None,
            diagnostics: Vec::new(),
            preview: None,
            response: None,
            timing: Vec::new(),
            thread: "Thread-1".to_owned(),
            execution_time: Duration::from_millis(50),
            compiled_code: None,
            compiled_path: None,
            build_path: None,
            relation_name: self
                .manifest
                .node(&NodeId::new(id))
                .and_then(|node| Some(node.relation.as_ref()?.to_string())),
            batch_results: None,
            freshness: None,
            blamed_parent: None,
        }
    }

    /// A seed, a failing model with a skipped child, a failed and a doubtful test.
    fn mixed_results(&self) -> Vec<NodeResult> {
        let sql = self.manifest.node(&NodeId::new("model.shop.orders")).map(|node| node.body);
        let error = Diagnostic::new(Code::DatabaseError, "Binder Error: no column `ix`")
            .also(sql.map(|body| body.part(7..8)), "here")
            .help("did you mean `id`?");
        let rows = Rows {
            names: vec!["id".to_owned(), "이름".to_owned()],
            types: vec!["INTEGER".to_owned(), "VARCHAR".to_owned()],
            rows: vec![vec![Cell::Int(7), Cell::Text("사과".to_owned())], vec![Cell::Int(12), Cell::Null]],
        };
        vec![
            NodeResult {
                message: Some("INSERT 3".to_owned()),
                ..self.result("seed.shop.users", Status::Success)
            },
            self.result("model.shop.주문", Status::Success),
            NodeResult { diagnostics: vec![error], ..self.result("model.shop.orders", Status::Error) },
            NodeResult {
                failures: Some(3),
                failing_rows: Some(rows),
                message: Some("Got 3 results, configured to fail if != 0".to_owned()),
                diagnostics: vec![
                    Diagnostic::new(Code::DataTestFailed, "test `unique_주문_id` found 3 failing rows")
                        .label(self.yaml, "Got 3 results, configured to fail if != 0"),
                ],
                compiled_code: Some("\n\nselect id\n\nfrom 주문\n\n\nhaving count(*) > 1\n".to_owned()),
                compiled_path: Some("target/compiled/shop/models/schema.yml/unique_주문_id.sql".to_owned()),
                ..self.result("test.shop.unique_주문_id", Status::Fail)
            },
            NodeResult {
                failures: Some(1),
                message: Some("Got 1 result, configured to warn if != 0".to_owned()),
                compiled_code: Some("select 1".to_owned()),
                ..self.result("test.shop.not_null_x", Status::Warn)
            },
            NodeResult {
                blamed_parent: Some(NodeId::new("model.shop.orders")),
                ..self.result("model.shop.daily", Status::Skipped)
            },
        ]
    }

    fn run(&self, reporter: &dyn Reporter, command: &str, results: Vec<NodeResult>) {
        self.begin(reporter, command);
        let total = results.len();
        reporter.report(Event::RunStarted { total, threads: 4 });
        let results: Vec<_> = results.into_iter().map(Arc::new).collect();
        for (index, result) in results.iter().enumerate().map(|(index, result)| (index + 1, result)) {
            if result.status != Status::Skipped {
                let (id, thread) = (result.id.clone(), result.thread.clone());
                reporter.report(Event::NodeStarted { id, index, total, thread });
            }
            reporter.report(Event::NodeFinished { index, total, result: Arc::clone(result) });
        }
        let success = !results.iter().any(|result| result.status.is_failure());
        let elapsed = Duration::from_millis(1020);
        reporter.report(Event::RunFinished { results, elapsed });
        reporter.report(Event::CommandFinished { success, elapsed });
    }
}

/// Versions change with every release.
fn settled(text: &str) -> String {
    text.replace(env!("CARGO_PKG_VERSION"), "[version]")
}

#[test]
fn a_green_run_is_told_as_dbt_tells_it() {
    let stage = Stage::new();
    let results = vec![
        stage.result("seed.shop.users", Status::Success),
        stage.result("model.shop.주문", Status::Success),
        stage.result("test.shop.unique_주문_id", Status::Pass),
    ];
    stage.run(&stage.plain(), "build", results);
    assert_snapshot!(settled(&stage.output.stdout_text()), @r"
        00:00:00  Running with xform=[version]
        00:00:00  Found 3 models, 1 seed, 2 data tests, 1 operation, 0 macros
        00:00:00
        00:00:00  Concurrency: 4 threads (target='dev')
        00:00:00
        00:00:00  1 of 3 START seed file main.users .............................................. [RUN]
        00:00:00  1 of 3 OK loaded seed file main.users .......................................... [OK in 0.05s]
        00:00:00  2 of 3 START sql view model main.주문 .......................................... [RUN]
        00:00:00  2 of 3 OK created sql view model main.주문 ..................................... [OK in 0.05s]
        00:00:00  3 of 3 START test unique_주문_id ............................................... [RUN]
        00:00:00  3 of 3 PASS unique_주문_id ..................................................... [PASS in 0.05s]
        00:00:00
        00:00:00  Finished running 1 view model, 1 seed, 1 data test in 0 hours 0 minutes and 1.02 seconds (1.02s).
        00:00:00
        00:00:00  Completed successfully
        00:00:00
        00:00:00  Done. PASS=3 WARN=0 ERROR=0 SKIP=0 NO-OP=0 TOTAL=3
        ");
    assert_eq!(stage.output.stderr_text(), "");
}

#[test]
fn failures_are_told_in_full_after_the_counts() {
    let stage = Stage::new();
    stage.run(&stage.plain(), "build", stage.mixed_results());
    assert_snapshot!(settled(&stage.output.stdout_text()), @r#"
        00:00:00  Running with xform=[version]
        00:00:00  Found 3 models, 1 seed, 2 data tests, 1 operation, 0 macros
        00:00:00
        00:00:00  Concurrency: 4 threads (target='dev')
        00:00:00
        00:00:00  1 of 6 START seed file main.users .............................................. [RUN]
        00:00:00  1 of 6 OK loaded seed file main.users .......................................... [INSERT 3 in 0.05s]
        00:00:00  2 of 6 START sql view model main.주문 .......................................... [RUN]
        00:00:00  2 of 6 OK created sql view model main.주문 ..................................... [OK in 0.05s]
        00:00:00  3 of 6 START sql table model main.orders ....................................... [RUN]
        00:00:00  3 of 6 ERROR creating sql table model main.orders .............................. [ERROR in 0.05s]
        00:00:00  4 of 6 START test unique_주문_id ............................................... [RUN]
        00:00:00  4 of 6 FAIL 3 unique_주문_id ................................................... [FAIL 3 in 0.05s]
        00:00:00  5 of 6 START test not_null_x ................................................... [RUN]
        00:00:00  5 of 6 WARN 1 not_null_x ....................................................... [WARN 1 in 0.05s]
        00:00:00  6 of 6 SKIP relation main.daily (orders failed) ................................ [SKIP]
        00:00:00
        00:00:00  Finished running 1 table model, 2 view models, 1 seed, 2 data tests in 0 hours 0 minutes and 1.02 seconds (1.02s).
        00:00:00
        00:00:00  Completed with 2 errors, 0 partial successes, and 1 warning:
        00:00:00
        00:00:00  Database Error in model orders (models/orders.sql)
        error[database-error]: Binder Error: no column `ix`
         --> models/orders.sql:1:8
          |
        1 | select 1 as id
          |        ^ here
          |
        help: did you mean `id`?
        00:00:00
        00:00:00  Failure in test unique_주문_id (models/unique_주문_id.sql)
        error[data-test-failed]: test `unique_주문_id` found 3 failing rows
         --> models/schema.yml:3:13
          |
        3 |     tests: [unique]
          |             ^^^^^^ Got 3 results, configured to fail if != 0

          the first 2 rows of those that failed:
          | id | 이름 |
          |----|------|
          |  7 | 사과 |
          | 12 | NULL |

          compiled code at target/compiled/shop/models/schema.yml/unique_주문_id.sql

          the query, to run again:
            select id
            from 주문
            having count(*) > 1
        00:00:00
        00:00:00  Warning in test not_null_x (models/not_null_x.sql)
          Got 1 result, configured to warn if != 0

          the query, to run again:
            select * from "db"."main"."not_null_x"
        00:00:00
        00:00:00  Skipped because orders failed: daily
        00:00:00
        00:00:00  Done. PASS=2 WARN=1 ERROR=2 SKIP=1 NO-OP=0 TOTAL=6
        "#);
}

#[test]
fn on_a_terminal_only_what_went_wrong_scrolls_by_and_failures_come_first() {
    let stage = Stage::new();
    let options = Options { is_live: true, ..stage.options(&crate::project::Flags::default()) };
    stage.run(&stage.terminal(options), "build", stage.mixed_results());
    let shown = stage.output.stdout_text();
    assert!(!shown.contains("START"), "{shown}");
    assert!(!shown.contains("OK created"), "{shown}");
    assert!(!shown.contains("\n\n\n"), "{shown}");
    let at = |needle: &str| shown.find(needle).unwrap_or_else(|| panic!("no `{needle}` in {shown}"));
    assert!(at("3 of 6 ERROR creating sql table model main.orders") < at("Database Error in model orders"));
    assert!(at("Database Error in model orders") < at("Warning in test not_null_x"));
    assert!(at("Warning in test not_null_x") < at("Finished running"));
    assert!(
        shown.ends_with(
            "\nFinished running 3 models, 1 seed, 2 data tests in 1.02s.\nCompleted with 2 errors and 1 warning\n\
             Done. PASS=2 WARN=1 ERROR=2 SKIP=1 NO-OP=0 TOTAL=6\n"
        ),
        "{shown}"
    );
}

#[test]
fn quiet_leaves_only_errors_and_what_was_asked_for() {
    let stage = Stage::new();
    let flags = crate::project::Flags { quiet: true, ..Default::default() };
    let reporter = stage.terminal(stage.options(&flags));
    stage.begin(&reporter, "run");
    reporter.report(Event::Log { level: LogLevel::Info, text: "logged".to_owned() });
    reporter.report(Event::Log { level: LogLevel::Print, text: "printed".to_owned() });
    reporter.report(Event::Diagnostic(Diagnostic::new(Code::UserWarning, "careful")));
    reporter.report(Event::Output("asked for".to_owned()));
    reporter.report(Event::Diagnostic(Diagnostic::new(Code::DatabaseError, "broken")));
    assert_snapshot!(stage.output.stdout_text(), @r"
        printed
        asked for
        error[database-error]: broken
        ");
}

#[test]
fn a_project_that_cannot_be_understood_is_told_with_dbts_headings() {
    let stage = Stage::new();
    let options = Options { log_stream: Stream::Stderr, ..stage.options(&crate::project::Flags::default()) };
    let reporter = stage.terminal(options);
    reporter.report(Event::Failed(vec![
        Diagnostic::new(Code::UnresolvedRef, "there is no model named `a`").label(stage.yaml, ""),
        Diagnostic::new(Code::UnknownKey, "unknown key `tset`").label(stage.yaml, ""),
        Diagnostic::new(Code::UnresolvedRef, "there is no model named `b`"),
        Diagnostic::new(Code::InvalidYaml, "a mapping ends here"),
    ]));
    assert_eq!(stage.output.stdout_text(), "");
    assert_snapshot!(stage.output.stderr_text(), @r"
        warning[unknown-key]: unknown key `tset`
         --> models/schema.yml:3:13
          |
        3 |     tests: [unique]
          |             ^^^^^^

        00:00:00  Encountered an error:
        Compilation Error
        error[unresolved-ref]: there is no model named `a`
         --> models/schema.yml:3:13
          |
        3 |     tests: [unique]
          |             ^^^^^^

        error[unresolved-ref]: there is no model named `b`

        Parsing Error
        error[invalid-yaml]: a mapping ends here
        ");
}

#[test]
fn ctrl_c_says_what_was_left_undone() {
    let stage = Stage::new();
    let reporter = stage.plain();
    stage.begin(&reporter, "run");
    let before = stage.output.stdout_text().len();
    reporter.report(Event::Cancelling);
    reporter.report(Event::Cancelled {
        cancelled: vec![NodeId::new("model.shop.orders")],
        not_started: vec![NodeId::new("model.shop.daily"), NodeId::new("model.shop.gone")],
    });
    let cancelled = stage.result("model.shop.orders", Status::Error);
    reporter.report(Event::RunFinished {
        results: vec![Arc::new(NodeResult { message: Some("cancelled".to_owned()), ..cancelled })],
        elapsed: Duration::ZERO,
    });
    assert_snapshot!(&stage.output.stdout_text()[before..], @r"
        00:00:00  Cancelling: what runs is being stopped (Ctrl-C again quits at once)
        00:00:00  CANCEL sql table model main.orders [CANCEL]
        00:00:00  Left undone: daily, model.shop.gone
        00:00:00
        00:00:00  Finished running 1 table model in 0 hours 0 minutes and 0.00 seconds (0.00s).
        00:00:00
        00:00:00  Exited because of keyboard interrupt
        00:00:00
        00:00:00  Failure in model orders (models/orders.sql)
          cancelled
        00:00:00
        00:00:00  Done. PASS=0 WARN=0 ERROR=1 SKIP=0 NO-OP=0 TOTAL=1
        ");
}

#[test]
fn show_prints_rows_and_nothing_else_on_standard_output() {
    let stage = Stage::new();
    let rows = Rows {
        names: vec!["이름".to_owned(), "n".to_owned()],
        types: vec![String::new(); 2],
        rows: vec![vec![Cell::Text("사과".to_owned()), Cell::Int(3)]],
    };
    let result = NodeResult { preview: Some(rows), ..stage.result("model.shop.orders", Status::Success) };
    for preview in [PreviewFormat::Text, PreviewFormat::Json] {
        let options = stage.options(&crate::project::Flags::default());
        let options = Options { preview, log_stream: Stream::Stderr, ..options };
        stage.run(&stage.terminal(options), "show", vec![result.clone()]);
    }
    assert_snapshot!(stage.output.stdout_text(), @r#"
        Previewing node 'orders':
        | 이름 | n |
        |------|---|
        | 사과 | 3 |
        {
          "node": "orders",
          "show": [
            {
              "이름": "사과",
              "n": 3
            }
          ]
        }
        "#);
}

#[test]
fn hooks_and_empty_selections_are_told() {
    let stage = Stage::new();
    let reporter = stage.plain();
    stage.begin(&reporter, "run");
    let before = stage.output.stdout_text().len();
    let result = Arc::new(stage.result("operation.shop.shop-on-run-start-0", Status::Success));
    reporter.report(Event::HookFinished { index: 1, total: 1, result });
    reporter.report(Event::RunStarted { total: 0, threads: 1 });
    assert_snapshot!(&stage.output.stdout_text()[before..], @r"
        00:00:00  1 of 1 OK hook: shop.on-run-start.0 ............................................ [OK in 0.05s]
        00:00:00  Nothing to do: no node of the selection is to be run
        ");
}

fn events(text: &str) -> Vec<Value> {
    let events =
        text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")));
    events.collect()
}

#[test]
fn json_is_one_event_a_line_with_dbts_names() {
    let stage = Stage::new();
    stage.run(&stage.json(Level::Info), "build", stage.mixed_results());
    let events = events(&stage.output.stdout_text());
    let names: Vec<_> = events.iter().filter_map(|event| event["info"]["name"].as_str()).collect();
    for name in [
        "MainReportVersion",
        "FoundStats",
        "ConcurrencyLine",
        "LogStartLine",
        "LogSeedResult",
        "LogModelResult",
        "LogTestResult",
        "SkippingDetails",
        "FinishedRunningStats",
        "EndOfRunSummary",
        "RunResultError",
        "StatsLine",
    ] {
        assert!(names.contains(&name), "no {name} in {names:?}");
    }
    let find = |name: &str| events.iter().find(|event| event["info"]["name"] == name).cloned();
    let model = find("LogModelResult").unwrap_or_default();
    let mut info = model["info"].as_object().cloned().unwrap_or_else(Map::new);
    info.remove("pid");
    assert_eq!(
        Value::Object(info),
        json!({
            "name": "LogModelResult", "code": "Q012", "level": "info",
            "msg": "2 of 6 OK created sql view model main.주문 ..................................... [OK in 0.05s]",
            "ts": "2026-01-01T00:00:00.000000Z", "invocation_id": "id-1", "thread": "Thread-1",
            "category": "", "extra": {}, "log_version": 3,
        })
    );
    assert_eq!(model["data"]["node_info"]["unique_id"], "model.shop.주문");
    assert_eq!(model["data"]["node_info"]["node_started_at"], "2026-01-01T00:00:00.000000");
    assert_eq!(model["data"]["node_info"]["node_relation"]["alias"], "주문");
    let test = find("LogTestResult").unwrap_or_default();
    assert_eq!((&test["info"]["level"], &test["data"]["num_failures"]), (&json!("error"), &json!(3)));
    let error = find("RunResultError").unwrap_or_default();
    assert_eq!(error["data"]["diagnostics"][0]["code"], "database-error");
    assert_eq!(find("StatsLine").unwrap_or_default()["data"]["stats"]["total"], 6);
}

#[test]
fn json_wraps_output_so_that_every_line_is_an_event() {
    let stage = Stage::new();
    let reporter = stage.json(Level::Error);
    stage.begin(&reporter, "list");
    reporter.report(Event::Output("shop.orders\nshop.주문\n".to_owned()));
    reporter.report(Event::Log { level: LogLevel::Print, text: "a\nb".to_owned() });
    let events = events(&stage.output.stdout_text());
    let told: Vec<_> = events.iter().map(|event| (&event["info"]["name"], &event["data"]["msg"])).collect();
    assert_eq!(
        told,
        [
            (&json!("ListCmdOut"), &json!("shop.orders")),
            (&json!("ListCmdOut"), &json!("shop.주문")),
            (&json!("PrintEvent"), &json!("a\nb")),
        ]
    );
}

#[test]
fn the_log_file_has_times_threads_and_debug_lines() -> Result<(), Box<dyn std::error::Error>> {
    let stage = Stage::new();
    let path = Path::new("logs/dbt.log");
    let open = || {
        let (system, files) = (Arc::clone(&stage.system), Arc::clone(&stage.files));
        LogFile::open(path, Level::Debug, "id-1", (Theme::PLAIN, Secrets::default()), system, files)
    };
    let log = open()?;
    stage.run(&log, "build", vec![stage.result("model.shop.주문", Status::Success)]);
    let written = stage.system.read_text(path)?;
    assert_snapshot!(settled(&written), @r"
        ============================== 00:00:00.000000 | id-1 ==============================
        00:00:00.000000 [info ] [MainThread]: Running with xform=[version]
        00:00:00.000000 [debug] [MainThread]: Command `build` of project `shop` on target `dev`
        00:00:00.000000 [debug] [MainThread]: Read the project in 0.03s
        00:00:00.000000 [info ] [MainThread]: Found 3 models, 1 seed, 2 data tests, 1 operation, 0 macros
        00:00:00.000000 [info ] [MainThread]:
        00:00:00.000000 [info ] [MainThread]: Concurrency: 4 threads (target='dev')
        00:00:00.000000 [info ] [MainThread]:
        00:00:00.000000 [debug] [Thread-1]: Began running node model.shop.주문
        00:00:00.000000 [info ] [Thread-1]: 1 of 1 START sql view model main.주문 .......................................... [RUN]
        00:00:00.000000 [info ] [Thread-1]: 1 of 1 OK created sql view model main.주문 ..................................... [OK in 0.05s]
        00:00:00.000000 [debug] [Thread-1]: Finished running node model.shop.주문
        00:00:00.000000 [info ] [MainThread]:
        00:00:00.000000 [info ] [MainThread]: Finished running 1 view model in 0 hours 0 minutes and 1.02 seconds (1.02s).
        00:00:00.000000 [info ] [MainThread]:
        00:00:00.000000 [info ] [MainThread]: Completed successfully
        00:00:00.000000 [info ] [MainThread]:
        00:00:00.000000 [info ] [MainThread]: Done. PASS=1 WARN=0 ERROR=0 SKIP=0 NO-OP=0 TOTAL=1
        00:00:00.000000 [debug] [MainThread]: Command `xform build` succeeded after 1.02 seconds
        ");
    drop(open()?);
    assert_eq!(stage.system.read_text(path)?.matches("| id-1 =").count(), 2, "sections follow each other");
    Ok(())
}

#[test]
fn a_long_log_is_put_aside() -> Result<(), Box<dyn std::error::Error>> {
    let system: Arc<dyn System> =
        Arc::new(MemorySystem::new().file("/project/logs/dbt.log", vec![b'x'; 11 * 1024 * 1024]));
    let path = Path::new("/project/logs/dbt.log");
    LogFile::put_aside(&*system, path, 0)?;
    assert!(system.read(Path::new("/project/logs/dbt.log.1")).is_err());
    LogFile::put_aside(&*system, path, 10 * 1024 * 1024)?;
    assert_eq!(system.read(Path::new("/project/logs/dbt.log.1"))?.len(), 11 * 1024 * 1024);
    assert!(system.read(path).is_err());
    Ok(())
}

#[test]
fn a_tee_tells_all() {
    let stage = Stage::new();
    let tee = Tee::new(vec![Arc::new(stage.plain()), Arc::new(stage.json(Level::Info))]);
    tee.report(Event::Output("x".to_owned()));
    let text = stage.output.stdout_text();
    assert!(text.starts_with("x\n{"), "{text}");
    Tee::new(Vec::new()).report(Event::Cancelling);
}
