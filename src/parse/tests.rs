//! Small projects in memory, and what becomes of them.

use std::sync::{Arc, OnceLock};

use serde_json::{Value, json};

use super::{load_macros, parse};
use crate::adapter::{Adapter, AdapterError, Capabilities, Connection, ErrorKind};
use crate::context::{Invocation, LogLevel, LogSink, MacroNamespace};
use crate::diagnostic::Diagnostic;
use crate::manifest::{MacroId, Manifest, Node, NodeId};
use crate::project::{LoadOptions, load};
use crate::sql::Dialect;
use crate::system::{MemorySystem, System};
use crate::text::Files;

/// A warehouse that nobody may ask.
#[derive(Debug)]
struct Nowhere;

static CAPABILITIES: Capabilities = Capabilities {
    has_transactional_ddl: true,
    has_table_freshness: false,
    reads_files: true,
    has_filtered_aggregates: true,
    has_foreign_keys_with_database: true,
    incremental_strategies: &["append"],
};

impl Adapter for Nowhere {
    fn name(&self) -> &'static str {
        "duckdb"
    }

    fn dialect(&self) -> Dialect {
        Dialect::DuckDb
    }

    fn capabilities(&self) -> &Capabilities {
        &CAPABILITIES
    }

    fn database(&self) -> &'static str {
        "shop"
    }

    fn connect(&self) -> Result<Box<dyn Connection>, AdapterError> {
        Err(AdapterError::new(ErrorKind::Connection, "nothing is asked while a project is parsed"))
    }
}

struct Silence;

impl LogSink for Silence {
    fn log(&self, _level: LogLevel, _text: &str) {}

    fn warn(&self, _diagnostic: Diagnostic) {}
}

/// A project that was parsed.
pub(super) struct Parsed {
    pub manifest: Manifest,
    diagnostics: Vec<Diagnostic>,
    pub files: Arc<Files>,
}

/// Parses a project of these files, with a project file if there is none among them.
fn project(texts: &[(&str, &str)]) -> Parsed {
    let mut system = MemorySystem::new().env_var("SCHEMA", "analytics");
    if texts.iter().all(|(path, _)| *path != "dbt_project.yml") {
        system = system.file("dbt_project.yml", "name: shop\n");
    }
    for (path, text) in texts {
        system = system.file(path, *text);
    }
    parse_on(&(Arc::new(system) as Arc<dyn System>), LoadOptions::default())
}

/// Parses the project of a machine.
pub(super) fn parse_on(system: &Arc<dyn System>, options: LoadOptions) -> Parsed {
    let files = Arc::new(Files::new());
    let options = LoadOptions { command: "parse".to_owned(), ..options };
    let loaded = load(system.as_ref(), &files, &options);
    let mut diagnostics = loaded.diagnostics;
    let loaded = loaded.value.expect("the project can be loaded");
    let macros = load_macros(&files, &loaded.files);
    diagnostics.extend(macros.diagnostics);
    let (engine, table) = macros.value;
    let root_package = loaded.root_package().map(|root| root.name().to_owned()).unwrap_or_default();
    let invocation = Arc::new(Invocation {
        macros: MacroNamespace::new(&loaded.files.packages, table.names()),
        system: Arc::clone(system),
        files: Arc::clone(&files),
        engine: Arc::new(engine),
        adapter: Arc::new(Nowhere),
        target: loaded.target.into(),
        vars: loaded.vars.into(),
        flags: loaded.flags.into(),
        packages: loaded.files.packages.clone().into(),
        root_package,
        target_path: loaded.target_path,
        id: "00000000-0000-0000-0000-000000000000".to_owned(),
        started_at: system.now(),
        log: Arc::new(Silence),
        selected_resources: OnceLock::new(),
        deferral: OnceLock::new(),
        stopped: Arc::default(),
        notes: None,
    });
    let parsed = parse(&invocation, &loaded.files, table);
    diagnostics.extend(parsed.diagnostics);
    Parsed { manifest: parsed.value, diagnostics, files }
}

impl Parsed {
    fn node(&self, id: &str) -> &Node {
        self.manifest.nodes.get(&NodeId::new(id)).unwrap_or_else(|| {
            let ids: Vec<_> = self.manifest.nodes.keys().map(NodeId::as_str).collect();
            panic!("no {id} among {ids:#?}; told: {:#?}", self.told())
        })
    }

    /// Ids of the enabled nodes.
    fn ids(&self) -> Vec<&str> {
        self.manifest.nodes.keys().map(NodeId::as_str).collect()
    }

    fn depends_on(&self, id: &str) -> Vec<&str> {
        self.node(id).depends_on.iter().map(NodeId::as_str).collect()
    }

    fn config(&self, id: &str, key: &str) -> Value {
        self.node(id).config.values().get(key).cloned().unwrap_or_default()
    }

    /// One line a diagnostic: `code path:line:column message`.
    pub(super) fn told(&self) -> Vec<String> {
        self.diagnostics.iter().map(|diagnostic| self.shown(diagnostic)).collect()
    }

    fn shown(&self, diagnostic: &Diagnostic) -> String {
        let place = diagnostic.span().map_or("nowhere".to_owned(), |span| self.files.location(span));
        format!("{} {place} {diagnostic}", diagnostic.code())
    }

    /// Checks that these are all the diagnostics, and that errors say what to do.
    #[track_caller]
    fn tells(&self, expected: &[&str]) {
        assert_eq!(self.told(), expected);
        for diagnostic in &self.diagnostics {
            assert!(diagnostic.help_text().is_some(), "no help: {diagnostic}");
        }
    }
}

#[test]
fn files_become_nodes_with_dbts_names() {
    let shop = project(&[
        ("models/staging/stg_orders.sql", "\nselect * from {{ source('raw', 'orders') }}\n"),
        (
            "models/marts/kpi/일별_지표.sql",
            "select * from {{ ref('stg_orders') }} join {{ ref('users') }} using (id)",
        ),
        ("models/staging/sources.yml", "sources:\n  - name: raw\n    tables:\n      - name: orders\n"),
        ("seeds/users.csv", "id\n1\n"),
        ("tests/assert_positive.sql", "select * from {{ ref('일별_지표') }}"),
        ("analyses/look.sql", "select * from {{ ref('shop', 'users') }}"),
    ]);
    shop.tells(&[]);
    assert_eq!(
        shop.ids(),
        [
            "analysis.shop.look",
            "model.shop.stg_orders",
            "model.shop.일별_지표",
            "seed.shop.users",
            "source.shop.raw.orders",
            "test.shop.assert_positive",
        ]
    );
    let model = shop.node("model.shop.일별_지표");
    assert_eq!(model.fqn, ["shop", "marts", "kpi", "일별_지표"]);
    assert_eq!(model.path, "marts/kpi/일별_지표.sql");
    assert_eq!(model.original_file_path, "models/marts/kpi/일별_지표.sql");
    assert_eq!(shop.depends_on("model.shop.일별_지표"), ["model.shop.stg_orders", "seed.shop.users"]);
    assert_eq!(shop.depends_on("model.shop.stg_orders"), ["source.shop.raw.orders"]);
    assert_eq!(shop.depends_on("analysis.shop.look"), ["seed.shop.users"]);
    let staging = shop.node("model.shop.stg_orders");
    assert_eq!(&*staging.raw_code, "select * from {{ source('raw', 'orders') }}");
    assert_eq!(shop.files.slice(staging.body), *staging.raw_code);
    let relation = staging.relation.as_ref().map(ToString::to_string);
    assert_eq!(relation, Some(format!("\"{}\".\"{}\".\"stg_orders\"", staging.database, staging.schema)));
    assert_eq!(shop.node("test.shop.assert_positive").relation, None);
    assert_eq!(shop.node("source.shop.raw.orders").fqn, ["shop", "staging", "raw", "orders"]);
    let order = shop.manifest.graph.topological_order();
    assert_eq!(order.len(), 6);
}

#[test]
fn configuration_is_inherited_as_in_dbt() {
    let shop = project(&[
        (
            "dbt_project.yml",
            "name: shop
models:
  +tags: all
  shop:
    +meta: {owner: data, level: 1}
    staging:
      materialized: ephemeral
      +schema: \"{{ env_var('SCHEMA') }}\"
      +tags: [staging]
      +pre-hook: \"select '{{ this }}'\"
seeds:
  shop:
    +quote_columns: true
",
        ),
        (
            "models/staging/a.sql",
            "{{ config(materialized='table', tags=['own'], meta={'level': 2}, pre_hook='select 2') }} select 1",
        ),
        ("models/staging/b.sql", "select 1"),
        (
            "models/staging/models.yml",
            "models:\n  - name: a\n    config:\n      tags: yml\n      materialized: view\n      alias: 에이\n",
        ),
        ("seeds/s.csv", "id\n"),
    ]);
    shop.tells(&[]);
    let a = "model.shop.a";
    assert_eq!(shop.config(a, "materialized"), "table");
    assert_eq!(shop.config(a, "tags"), json!(["all", "staging", "yml", "own"]));
    assert_eq!(shop.config(a, "meta"), json!({"owner": "data", "level": 2}));
    assert_eq!(shop.config(a, "on_schema_change"), "ignore");
    let hooks = shop.config(a, "pre-hook");
    assert_eq!(hooks[0]["sql"], "select '{{ this }}'");
    assert_eq!(hooks[1]["sql"], "select 2");
    let node = shop.node(a);
    assert_eq!(node.alias, "에이");
    assert!(node.schema.ends_with("_analytics"), "{}", node.schema);
    assert_eq!(node.tags, ["all", "staging", "yml", "own"]);
    assert_eq!(node.unrendered_config.get("materialized"), Some(&json!("table")));
    assert_eq!(node.patch_path.as_deref(), Some("shop://models/staging/models.yml"));
    assert_eq!(shop.config("model.shop.b", "materialized"), "ephemeral");
    assert_eq!(shop.node("model.shop.b").relation, None);
    assert_eq!(shop.config("seed.shop.s", "quote_columns"), json!(true));
    assert_eq!(shop.config("seed.shop.s", "materialized"), "seed");
}

#[test]
fn everything_wrong_is_told_at_once_and_at_its_place() {
    let shop = project(&[
        ("models/stg_orders.sql", "select 1 as id"),
        ("models/a.sql", "select * from {{ ref('stg_order') }}"),
        ("models/b.sql", "-- 주문\nselect * from {{ source('raw', 'oders') }}"),
        (
            "models/c.sql",
            "select * from {{ source('rwa', 'orders') }}\nunion all select {{ ref('stg_orders', v=2) }}",
        ),
        ("models/d.sql", "{{ config(materialized='tabel', schema=3) }}\nselect * from {{ ref('없음') }}"),
        ("models/e.sql", "select {{ 1 + }}"),
        ("models/daily kpis.sql", "select 1"),
        ("models/with.dots.sql", "select 1"),
        ("models/f.sql", "select * from {{ ref('with.dots') }}"),
        (
            "models/schema.yml",
            "sources:
  - name: raw
    tables: [{name: orders}]
models:
  - name: stg_ordrs
  - name: stg_orders
    materialized: table
    descripton: x
    columns:
      - name: id
        data_tests: [uniqe, {unique: {severity: eror}}]
  - name: stg_orders
",
        ),
    ]);
    let mut told = shop.told();
    told.retain(|line| !line.starts_with("jinja-syntax"));
    assert_eq!(shop.told().len(), told.len() + 1, "{:#?}", shop.told());
    told.sort();
    assert_eq!(
        told,
        [
            "deprecated models/schema.yml:11:39 `severity` of the test `unique` is a configuration, and does not stand below `config:`",
            "duplicate-patch models/schema.yml:12:11 the model `stg_orders` is described twice",
            "invalid-config models/d.sql:1:4 `schema` of the model `d` must be text, not `3`",
            "invalid-config models/d.sql:1:4 there is no materialization `tabel` for duckdb",
            "invalid-config models/schema.yml:11:49 `severity` of the test `unique` must be `error` or `warn`, not `eror`",
            "invalid-name models/daily kpis.sql:1:1 the name of the model `daily kpis` has a space in it",
            "unknown-key models/schema.yml:7:5 `materialized` is a config and has no effect here",
            "unknown-key models/schema.yml:8:5 the model `stg_orders` has a key `descripton` that nothing reads",
            "unmatched-patch models/schema.yml:5:11 there is no model named `stg_ordrs` to describe",
            "unresolved-ref models/a.sql:1:22 there is no model named `stg_order`",
            "unresolved-ref models/c.sql:2:25 `stg_orders` is asked for in version `2`, and has no versions",
            "unresolved-ref models/d.sql:2:22 there is no model named `없음`",
            "unresolved-source models/b.sql:2:25 the source `raw` has no table named `oders`",
            "unresolved-source models/c.sql:1:25 there is no source named `rwa`",
            "unresolved-test models/schema.yml:11:22 there is no generic test named `uniqe`",
        ]
    );
    let help = |start: &str| {
        let found = shop.diagnostics.iter().find(|diagnostic| diagnostic.message().starts_with(start));
        found.and_then(Diagnostic::help_text).unwrap_or_default()
    };
    assert_eq!(
        help("there is no model named `stg_order`"),
        "a model with a similar name exists: `stg_orders`"
    );
    assert_eq!(help("the source `raw` has no table"), "a table with a similar name exists: `orders`");
    assert_eq!(help("there is no generic test"), "a generic test with a similar name exists: `unique`");
    assert_eq!(help("`materialized` is a config"), "put `materialized` under `config:`");
    assert!(
        shop.manifest.nodes.contains_key(&NodeId::new("model.shop.a")),
        "what is wrong stays in the manifest"
    );
}

#[test]
fn generic_tests_are_named_as_dbt_names_them() {
    let shop = project(&[
        ("models/customers.sql", "select 1 as customer_id"),
        ("models/orders.sql", "select 1 as customer_id, 'placed' as status, 2 as \"금액 원\""),
        (
            "macros/at_least.sql",
            "{% test at_least(model, column_name, least) %}select * from {{ model }} where {{ column_name }} < {{ least }}{% endtest %}",
        ),
        (
            "models/marts/schema.yml",
            "models:
  - name: customers
    columns:
      - name: customer_id
        data_tests:
          - unique
          - not_null:
              severity: warn
              name: 고객_있음
              description: 모두 있다
              config: {where: \"customer_id > 0\", tags: nightly, store_failures: true}
  - name: orders
    columns:
      - name: customer_id
        tests:
          - relationships:
              to: ref('customers')
              field: customer_id
      - name: status
        tags: [pii]
        data_tests:
          - accepted_values:
              arguments:
                values: ['placed', 'shipped', 'completed', 'return_pending', 'returned']
      - name: 금액 원
        quote: true
        data_tests:
          - test_name: at_least
            least: \"{{ 1 + 1 }}\"
            name: at_least_two
sources:
  - name: raw
    tables:
      - name: events
        data_tests:
          - dbt.not_null: {column_name: id}
",
        ),
    ]);
    shop.tells(&[
        "deprecated models/marts/schema.yml:8:15 `severity` of the test `not_null` is a configuration, and does not stand below `config:`",
        "deprecated models/marts/schema.yml:17:19 the argument `to` of the test `relationships` does not stand below `arguments:`",
        "deprecated models/marts/schema.yml:29:20 the argument `least` of the test `at_least` does not stand below `arguments:`",
    ]);
    let tests: Vec<&str> = shop.ids().into_iter().filter(|id| id.starts_with("test.")).collect();
    assert!(tests.contains(&"test.shop.unique_customers_customer_id.c5af1ff4b1"), "{tests:#?}");
    let relationships = "test.shop.relationships_orders_customer_id__customer_id__ref_customers_.c6ec7f58f2";
    assert_eq!(shop.depends_on(relationships), ["model.shop.customers", "model.shop.orders"]);
    let node = shop.node(relationships);
    assert_eq!(&*node.raw_code, "{{ test_relationships(**_dbt_generic_test_kwargs) }}");
    assert_eq!(node.fqn, ["shop", "marts", "relationships_orders_customer_id__customer_id__ref_customers_"]);
    assert_eq!(shop.files.slice(node.body), *node.raw_code);
    let test = node.data_test().expect("a test");
    assert_eq!(test.column_name.as_deref(), Some("customer_id"));
    assert_eq!(test.attached_node, Some(NodeId::new("model.shop.orders")));
    assert_eq!(test.file_key_name.as_deref(), Some("models.orders"));
    let kwargs = &test.metadata.as_ref().expect("a generic test").kwargs;
    let keys: Vec<&String> = kwargs.keys().collect();
    assert_eq!(keys, ["to", "field", "column_name", "model"]);
    assert_eq!(kwargs["model"], "{{ get_where_subquery(ref('orders')) }}");
    assert!(node.depends_on_macros.iter().any(|id| id.as_str() == "macro.dbt.test_relationships"));

    let long = "accepted_values_orders_status__placed__shipped__completed__return_pending__returned";
    let long = shop.node(&format!("test.shop.{long}.be6b5b5ec3"));
    assert_eq!(long.alias, "accepted_values_orders_1ce6ab157c285f7cd2ac656013faf758");
    assert!(
        long.raw_code.ends_with(&format!("{{{{ config(alias=\"{}\") }}}}", long.alias)),
        "{}",
        long.raw_code
    );
    assert_eq!(long.tags, ["pii"]);

    let find = |name: &str| shop.manifest.nodes.values().find(|node| node.name == name).expect("there");
    let named = find("고객_있음");
    assert_eq!(named.description, "모두 있다");
    assert_eq!(named.config.text("severity"), Some("warn"));
    assert_eq!(named.config.text("where"), Some("customer_id > 0"));
    assert_eq!(named.config.text("store_failures_as"), Some("table"));
    assert!(named.relation.as_ref().is_some_and(|relation| relation.to_string().contains("dbt_test__audit")));
    assert_eq!(named.tags, ["nightly"]);
    let quoted = find("at_least_two");
    assert_eq!(quoted.data_test().and_then(|test| test.column_name.as_deref()), Some("\"금액 원\""));
    assert!(quoted.depends_on_macros.iter().any(|id| id.as_str() == "macro.shop.test_at_least"));
    let source = find("dbt_source_not_null_raw_events_id");
    assert_eq!(&*source.raw_code, "{{ dbt.test_not_null(**_dbt_generic_test_kwargs) }}");
    assert_eq!(source.depends_on, [NodeId::new("source.shop.raw.events")]);
}

#[test]
fn disabled_nodes_take_their_tests_with_them_and_nothing_else() {
    let shop = project(&[
        ("dbt_project.yml", "name: shop\nmodels:\n  shop:\n    old:\n      +enabled: false\n"),
        ("models/old/gone.sql", "select * from {{ ref('never_was') }}"),
        ("models/off.sql", "{{ config(enabled=var('on', false)) }} select 1"),
        ("models/user.sql", "select * from {{ ref('gone') }}"),
        ("tests/assert_gone.sql", "select * from {{ ref('gone') }}"),
        ("tests/assert_missing.sql", "select * from {{ ref('missing') }}"),
        (
            "models/schema.yml",
            "models:\n  - name: gone\n    columns:\n      - name: id\n        data_tests: [unique, no_such_test]\n",
        ),
    ]);
    shop.tells(&[
        "disabled-ref models/user.sql:1:22 `gone` is disabled",
        "unresolved-ref tests/assert_missing.sql:1:22 there is no model named `missing`",
    ]);
    assert!(shop.diagnostics[0].is_error() && !shop.diagnostics[1].is_error());
    assert_eq!(shop.ids(), ["model.shop.user"]);
    assert_eq!(shop.manifest.disabled.len(), 5, "{:?}", shop.manifest.disabled.keys());
}

#[test]
fn circles_are_shown_whole() {
    let shop = project(&[
        ("models/a.sql", "select * from {{ ref('c') }}"),
        ("models/b.sql", "select * from {{ ref('a') }}"),
        ("models/c.sql", "select 1\nunion all select * from {{ ref('b') }}"),
        ("models/d.sql", "select * from {{ ref('d') }}"),
    ]);
    let mut told = shop.told();
    told.sort();
    assert_eq!(
        told,
        [
            "cycle models/a.sql:1:22 nodes depend on each other in a circle: a → c → b → a",
            "cycle models/d.sql:1:22 nodes depend on each other in a circle: d → d",
        ]
    );
    let long =
        shop.diagnostics.iter().find(|diagnostic| diagnostic.labels().len() == 3).expect("the long circle");
    let places: Vec<String> = long.labels().iter().map(|label| shop.files.location(label.span)).collect();
    assert_eq!(places, ["models/a.sql:1:22", "models/c.sql:2:32", "models/b.sql:1:22"]);
}

#[test]
fn names_and_relations_are_given_once() {
    let shop = project(&[
        ("models/one/orders.sql", "select 1"),
        ("models/two/orders.sql", "select 2"),
        ("seeds/users.csv", "id\n"),
        ("models/users.sql", "{{ config(alias='people') }} select 1"),
        ("models/kpi.sql", "{{ config(alias='Kpis') }} select 1"),
        ("models/kpis.sql", "select 1"),
        ("macros/a.sql", "{% macro won(x) %}{{ x }}{% endmacro %}"),
        ("macros/b.sql", "{% macro won(x) %}{{ x }}원{% endmacro %}"),
        (
            "models/schema.yml",
            "models:\n  - name: kpis\n    columns:\n      - name: id\n        data_tests: [unique]\n      - name: id\n        data_tests: [unique]\n",
        ),
    ]);
    let mut told = shop.told();
    told.sort();
    assert_eq!(
        told,
        [
            "duplicate-macro macros/b.sql:1:10 the package `shop` has two macros named `won`",
            "duplicate-name models/schema.yml:7:22 there are two tests named `unique_kpis_id`",
            "duplicate-name models/two/orders.sql:1:1 there are two models named `orders`",
            "duplicate-name seeds/users.csv:1:1 a model and a seed are named `users`",
            &format!(
                "duplicate-relation models/kpis.sql:1:1 `kpi` and `kpis` would both build {}",
                shop.node("model.shop.kpis").relation.as_ref().map(ToString::to_string).unwrap_or_default()
            ),
        ]
    );
}

#[test]
fn what_cannot_be_built_yet_is_known_with_the_reason() {
    let shop = project(&[
        ("models/b.sql", "{{ config(materialized='materialized_view') }} select * from {{ ref('s') }}"),
        ("models/c.sql", "select 1"),
        ("models/파이썬.py", "def model(dbt, session):\n    return dbt.ref('c')"),
        ("models/d.sql", "select * from {{ ref('파이썬') }} join {{ ref('c_snapshot') }} using (id)"),
        (
            "snapshots/all.sql",
            "{% snapshot s %}{{ config(target_schema='old', unique_key='id', strategy='check', check_cols='all') }} select * from {{ ref('c') }}{% endsnapshot %}\n\
             {% snapshot 둘 %}{{ config(unique_key='id', strategy='timestamp', updated_at='at') }} select 1{% endsnapshot %}",
        ),
        (
            "models/schema.yml",
            "models:
  - name: 파이썬
    description: 모델
snapshots:
  - name: c_snapshot
    relation: ref('c')
    config: {strategy: check, check_cols: all, unique_key: id}
    columns: [{name: id, data_tests: [unique]}]
  - name: s
    description: old
",
        ),
    ]);
    shop.tells(&[]);
    let mut reasons: Vec<String> = shop
        .manifest
        .nodes
        .values()
        .filter_map(|node| Some(format!("{} {}", node.id, shop.shown(node.not_supported.as_ref()?))))
        .collect();
    reasons.sort();
    assert_eq!(reasons, Vec::<String>::new());
    assert_eq!(shop.depends_on("model.shop.d"), ["model.shop.파이썬", "snapshot.shop.c_snapshot"]);
    assert_eq!(shop.depends_on("snapshot.shop.s"), ["model.shop.c"]);
    assert_eq!(shop.depends_on("snapshot.shop.c_snapshot"), ["model.shop.c"]);
    let snapshot = shop.node("snapshot.shop.s");
    assert_eq!((snapshot.schema.as_str(), snapshot.description.as_str()), ("old", "old"));
    assert_eq!(snapshot.fqn, ["shop", "all", "s"]);
    assert_eq!(&*shop.node("snapshot.shop.c_snapshot").raw_code, "select * from {{ ref('c') }}");
}

#[test]
fn descriptions_hold_doc_blocks() {
    let shop = project(&[
        ("models/a.sql", "select 1 as id"),
        ("models/docs.md", "# 문서\n{% docs kpi %}\n하루 지표\n{% enddocs %}\n"),
        ("macros/won.sql", "{% macro won(amount) %}{{ amount }}원{% endmacro %}"),
        (
            "models/schema.yml",
            "models:
  - name: a
    description: \"{{ doc('kpi') }} 입니다\"
    columns:
      - {name: id, description: \"{{ doc('shop', 'kpi') }}\", data_type: int, meta: {a: 1}, config: {tags: [x]}}
      - {name: nope, description: \"{{ doc('kip') }}\"}
macros:
  - name: won
    description: writes an amount
    arguments: [{name: amount, type: int, description: of money}]
  - name: wom
groups:
  - name: finance
    owner: {name: 재무}
",
        ),
    ]);
    assert_eq!(shop.told().len(), 2, "{:#?}", shop.told());
    assert!(
        shop.told().iter().any(|line| line.starts_with("unresolved-doc models/schema.yml:6:")),
        "{:#?}",
        shop.told()
    );
    assert!(shop.told().contains(
        &"unmatched-patch models/schema.yml:11:11 there is no macro named `wom` to describe".to_owned()
    ));
    let node = shop.node("model.shop.a");
    assert_eq!(node.description, "하루 지표 입니다");
    assert_eq!(node.columns["id"].description, "하루 지표");
    assert_eq!(node.columns["id"].data_type.as_deref(), Some("int"));
    assert_eq!(node.columns["id"].tags, ["x"]);
    let won = shop.manifest.macros.values().find(|one| one.name == "won").expect("the macro");
    assert_eq!(
        (won.description.as_str(), won.arguments[0].description.as_str()),
        ("writes an amount", "of money")
    );
    assert_eq!(shop.manifest.groups["group.shop.finance"].owner["name"], "재무");
}

#[test]
fn macros_name_schemas_and_aliases() {
    let shop = project(&[
        (
            "macros/names.sql",
            "{% macro generate_schema_name(custom_schema_name, node) %}{{ custom_schema_name or 'main' }}_{{ node.fqn[1] }}{% endmacro %}
             {% macro generate_alias_name(custom_alias_name=none, node=none) %}{{ node.name | upper }}{% endmacro %}",
        ),
        ("models/marts/kpi.sql", "{{ config(schema='mart') }} select 1"),
    ]);
    shop.tells(&[]);
    let node = shop.node("model.shop.kpi");
    assert_eq!((node.schema.as_str(), node.alias.as_str()), ("mart_marts", "KPI"));
}

#[test]
fn exposures_hooks_and_private_models() {
    let shop = project(&[
        (
            "dbt_project.yml",
            "name: shop\non-run-start: \"create table if not exists log as select 1\"\non-run-end:\n  - select 1\n  - \"{% if execute %}select * from {{ ref('a') }}{% endif %}\"\n",
        ),
        (
            "models/a.sql",
            "{{ config(group='finance', access='private', post_hook=\"insert into log select * from {{ ref('b') }}\") }} select 1",
        ),
        ("models/b.sql", "select 1"),
        ("models/c.sql", "select * from {{ ref('a') }}"),
        (
            "models/schema.yml",
            "groups: [{name: finance, owner: {email: a@b.c}}]
models:
  - name: a
    data_tests: [{unique: {column_name: x}}]
exposures:
  - name: board
    type: dashboard
    owner: {email: me@example.com}
    depends_on:
      - ref('b')
      - source('raw', 'events')
  - name: broken
    type: dashbord
    owner: {email: me@example.com}
    depends_on: [ref('z')]
sources: [{name: raw, schema: main, meta: {external_location: 'data/{name}.json'}, tables: [{name: events}]}]
",
        ),
    ]);
    let mut told = shop.told();
    told.sort();
    assert_eq!(
        told,
        [
            "invalid-config models/schema.yml:13:11 `dashbord` is not a type of the exposure `broken`",
            "private-ref models/c.sql:1:22 `model.shop.c` may not refer to `model.shop.a`",
            "unresolved-ref models/schema.yml:15:18 there is no model named `z`",
        ]
    );
    assert_eq!(shop.depends_on("exposure.shop.board"), ["source.shop.raw.events", "model.shop.b"]);
    let board = shop.node("exposure.shop.board");
    assert_eq!([&*board.path, &*board.original_file_path], ["schema.yml", "models/schema.yml"]);
    assert_eq!(shop.depends_on("model.shop.a"), ["model.shop.b"], "hooks count");
    let hook = shop.node("operation.shop.shop-on-run-end-1");
    assert_eq!(shop.files.slice(hook.body), *hook.raw_code);
    assert_eq!(hook.tags, ["on-run-end"]);
    assert_eq!(
        &*shop.node("operation.shop.shop-on-run-start-0").raw_code,
        "create table if not exists log as select 1"
    );
    let source = shop.node("source.shop.raw.events");
    assert_eq!(
        source.source().and_then(|source| source.external_location.as_deref()),
        Some("data/{name}.json")
    );
    assert_eq!(source.schema, "main");
}

#[test]
fn configuration_of_nothing_is_warned_of() {
    let shop = project(&[
        (
            "dbt_project.yml",
            "name: shop\nmodels:\n  shop:\n    stagng:\n      +materialized: table\n    meta: {a: 1}\n    marts:\n      +materialized: view\nseeds:\n  other:\n    +enabled: true\n",
        ),
        ("models/marts/a.sql", "select 1"),
        ("models/staging/b.sql", "select 1"),
    ]);
    shop.tells(&["unused-config-path dbt_project.yml:4:5 3 configurations match nothing"]);
    let told = &shop.diagnostics[0];
    let paths = "- models.shop.stagng\n- models.shop.meta\n- seeds.other";
    assert!(told.words().ends_with(paths), "{}", told.words());
    let labels: Vec<_> = told.labels().iter().map(|label| label.text.as_str()).collect();
    assert_eq!(labels, ["no model here", "to set the config, write `+meta`", "no seed here"]);
}

#[test]
fn the_layout_of_a_template_does_not_change_its_checksum() {
    let shop = project(&[
        ("models/a.sql", "select 1 as id\n"),
        ("models/b.sql", "\n  select\n\t1   as id\r\n"),
        ("models/c.sql", "select 1 as  값"),
        (
            "models/schema.yml",
            "models: [{name: a, columns: [{name: id, data_tests: [unique]}]}]\nsources: [{name: s, tables: [{name: t, data_tests: [{shop_ok: {}}]}]}]\n",
        ),
        ("tests/generic/shop_ok.sql", "{% test shop_ok(model) %}select 1 where false{% endtest %}"),
    ]);
    shop.tells(&[]);
    let checksum = |id: &str| shop.node(id).checksum.clone();
    // printf 'select 1 as id' | sha256sum
    let expected = "3ea0f972fa1b56aa2dc2f56ee784b6a5796312f9a813d59ae70fd8855f10d16d";
    assert_eq!(checksum("model.shop.a"), expected);
    assert_eq!(checksum("model.shop.b"), expected);
    assert_ne!(checksum("model.shop.c"), expected);
    let tests = shop.ids().into_iter().filter(|id| id.starts_with("test."));
    let of_tests: Vec<String> = tests.map(checksum).collect();
    assert_eq!(of_tests, ["", ""]);
}

#[test]
fn nodes_depend_on_the_macros_of_their_hooks() {
    let shop = project(&[
        (
            "dbt_project.yml",
            "name: shop\nmodels:\n  +post-hook: \"{{ note('모델') }}\"\nseeds:\n  +post-hook: \"{{ note('seed') }}\"\n",
        ),
        ("macros/note.sql", "{% macro note(text) %}select '{{ text }}'{% endmacro %}"),
        ("models/a.sql", "select 1"),
        ("seeds/s.csv", "id\n1\n"),
    ]);
    shop.tells(&[]);
    for id in ["model.shop.a", "seed.shop.s"] {
        let macros: Vec<&str> = shop.node(id).depends_on_macros.iter().map(MacroId::as_str).collect();
        assert_eq!(macros, ["macro.shop.note"], "{id}");
    }
}
