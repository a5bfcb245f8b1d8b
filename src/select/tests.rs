//! One small project, and what each selection of it is.

use serde_json::{Map, Value, json};

use super::*;
use crate::diagnostic::{Checked, Code};
use crate::manifest::{
    DataTest, Exposure, Manifest, Node, NodeConfig, NodeId, NodeKind, ResourceType, Source, TestMetadata,
};
use crate::text::{Files, Span};

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn node(at: Span, path: &str, kind: NodeKind, config: Value, parents: &[&str]) -> Node {
    let resource_type = match &kind {
        NodeKind::Model(_) => ResourceType::Model,
        NodeKind::Seed { .. } => ResourceType::Seed,
        NodeKind::Test(_) => ResourceType::Test,
        NodeKind::Source(_) => ResourceType::Source,
        NodeKind::Exposure(_) => ResourceType::Exposure,
        _ => ResourceType::Analysis,
    };
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let name = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let mut fqn: Vec<String> =
        std::iter::once("shop").chain(folder.split('/').skip(1)).map(Into::into).collect();
    fqn.push(name.to_owned());
    let config = NodeConfig::new(object(config));
    Node {
        path: path.split_once('/').map_or(path, |(_, below)| below).to_owned(),
        original_file_path: path.to_owned(),
        fqn,
        tags: config.tags().into_iter().map(str::to_owned).collect(),
        group: config.text("group").map(str::to_owned),
        config,
        depends_on: parents.iter().map(|id| NodeId::new(id)).collect(),
        ..Node::new(resource_type, "shop", name, at, kind)
    }
}

fn test(at: Span, generic: Option<&str>) -> NodeKind {
    let metadata =
        generic.map(|name| TestMetadata { name: name.to_owned(), namespace: None, kwargs: Map::new() });
    NodeKind::Test(Box::new(DataTest {
        metadata,
        column_name: None,
        attached_node: None,
        file_key_name: None,
        span: at,
    }))
}

fn source(at: Span, name: &str) -> Node {
    let mut node = node(
        at,
        "models/sources.yml",
        NodeKind::Source(Box::new(Source {
            source_name: "raw".to_owned(),
            source_description: String::new(),
            source_meta: Map::new(),
            identifier: name.to_owned(),
            loader: String::new(),
            quoting: Map::new(),
            loaded_at_field: None,
            loaded_at_query: None,
            freshness: None,
            external_location: None,
            unrendered_database: None,
            unrendered_schema: None,
            extra: Map::new(),
        })),
        json!({}),
        &[],
    );
    node.id = NodeId::new(&format!("source.shop.raw.{name}"));
    node.name = name.to_owned();
    node.fqn = vec!["shop".to_owned(), "raw".to_owned(), name.to_owned()];
    node
}

/// ```text
/// events ─▶ stg_events ─┐
/// users ──▶ stg_users ──┴▶ daily_kpis ─▶ 주간_지표 ─▶ board (exposure)
/// ```
fn manifest() -> Manifest {
    let at = Files::new().add("a.sql", "").span();
    let exposure = NodeKind::Exposure(Box::new(Exposure {
        kind: "dashboard".to_owned(),
        label: None,
        maturity: None,
        url: None,
        owner: Map::new(),
    }));
    let seed = NodeKind::Seed { root_path: "/project".to_owned() };
    let nodes = [
        source(at, "events"),
        node(at, "seeds/users.csv", seed, json!({"tags": ["nightly"]}), &[]),
        node(
            at,
            "models/staging/stg_events.sql",
            NodeKind::Model(Box::default()),
            json!({"materialized": "view", "tags": ["nightly", "pii"], "meta": {"owner": {"team": "data"}}}),
            &["source.shop.raw.events"],
        ),
        node(
            at,
            "models/staging/stg_users.sql",
            NodeKind::Model(Box::default()),
            json!({"materialized": "view", "tags": ["pii"], "access": "private"}),
            &["seed.shop.users"],
        ),
        node(
            at,
            "models/marts/daily_kpis.sql",
            NodeKind::Model(Box::default()),
            json!({"materialized": "incremental", "unique_key": ["day", "kpi"], "full_refresh": false}),
            &["model.shop.stg_events", "model.shop.stg_users"],
        ),
        node(
            at,
            "models/marts/주간_지표.sql",
            NodeKind::Model(Box::default()),
            json!({"materialized": "table", "group": "finance"}),
            &["model.shop.daily_kpis"],
        ),
        node(at, "models/board.yml", exposure, json!({}), &["model.shop.주간_지표"]),
        node(
            at,
            "models/unique_stg_users_id.sql",
            test(at, Some("unique")),
            json!({"severity": "WARN"}),
            &["model.shop.stg_users"],
        ),
        node(
            at,
            "tests/assert_users_in_kpis.sql",
            test(at, None),
            json!({"severity": "ERROR"}),
            &["model.shop.stg_users", "model.shop.daily_kpis"],
        ),
    ];
    let mut manifest = Manifest { project: "shop".to_owned(), ..Manifest::default() };
    manifest.packages.insert("shop".to_owned(), Vec::new());
    manifest.nodes = nodes.into_iter().map(|node| (node.id.clone(), node)).collect();
    let mut off = node(
        at,
        "models/marts/old_kpis.sql",
        NodeKind::Model(Box::default()),
        json!({"enabled": false}),
        &[],
    );
    off.id = NodeId::new("model.shop.old_kpis");
    manifest.disabled.insert(off.id.clone(), off);
    manifest.reindex();
    manifest
}

fn run(select_: &[&str], exclude: &[&str], indirect: IndirectSelection) -> Checked<Selection> {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let criteria =
        Criteria { select: words(select_), exclude: words(exclude), indirect, ..Criteria::default() };
    select(&Surroundings::new(&manifest(), &Selectors::default(), None), &criteria)
}

/// The names of what is selected, in order of id.
fn names(selection: &Selection) -> String {
    let names = selection.iter().map(|id| id.as_str().rsplit('.').next().unwrap_or_default());
    names.collect::<Vec<_>>().join(" ")
}

#[test]
fn methods_and_operators() {
    let table = [
        ("stg_events", "stg_events"),
        ("staging", "stg_events stg_users"),
        ("shop.staging.stg_users", "stg_users"),
        ("staging.stg_users", "stg_users"),
        ("staging.*", "stg_events stg_users"),
        ("stg_*", "stg_events stg_users"),
        ("*_지표", "주간_지표"),
        ("?간_지표", "주간_지표"),
        ("models/staging", "stg_events stg_users"),
        ("./models/staging/", "stg_events stg_users"),
        ("path:models/*/stg_users.sql", "stg_users"),
        ("models/**/stg_*", "stg_events stg_users"),
        ("stg_users.sql", "stg_users"),
        ("users.csv", "users"),
        ("file:stg_u*", "stg_users"),
        ("tag:nightly", "stg_events users"),
        ("tag:p??", "stg_events stg_users"),
        ("source:raw", "events"),
        ("source:raw.events", "events"),
        ("source:shop.raw.*", "events"),
        ("exposure:board", "board"),
        ("exposure:shop.*", "board"),
        ("group:fin*", "주간_지표"),
        ("access:private", "stg_users"),
        ("resource_type:seed", "users"),
        ("test_type:generic", "unique_stg_users_id"),
        ("test_type:singular", "assert_users_in_kpis"),
        ("test_name:unique", "unique_stg_users_id"),
        ("config.materialized:incremental", "daily_kpis"),
        ("config.unique_key:kpi", "daily_kpis"),
        ("config.full_refresh:False", "daily_kpis"),
        ("config.meta.owner.team:data", "stg_events"),
        ("config.severity:warn", "unique_stg_users_id"),
        ("+주간_지표", "daily_kpis stg_events stg_users 주간_지표 users events"),
        ("1+주간_지표", "daily_kpis 주간_지표"),
        ("2+주간_지표", "daily_kpis stg_events stg_users 주간_지표"),
        ("source:raw+", "board daily_kpis stg_events 주간_지표 events assert_users_in_kpis"),
        ("source:raw+1", "stg_events events"),
        ("1+daily_kpis+1", "daily_kpis stg_events stg_users 주간_지표 assert_users_in_kpis"),
        ("@stg_events", "board daily_kpis stg_events stg_users 주간_지표 users events assert_users_in_kpis"),
        ("tag:nightly,tag:pii", "stg_events"),
        ("+daily_kpis,staging", "stg_events stg_users"),
        ("tag:nightly stg_users", "stg_events stg_users users"),
        ("package:this,resource_type:exposure", "board"),
        ("package:sh*,tag:pii", "stg_events stg_users"),
    ];
    for (selector, expected) in table {
        let Checked { value, diagnostics } = run(&[selector], &[], IndirectSelection::Empty);
        assert_eq!(names(&value), expected, "{selector}");
        assert_eq!(diagnostics, [], "{selector}");
    }
}

#[test]
fn tests_come_along_as_the_mode_says() {
    use IndirectSelection::{Buildable, Cautious, Eager, Empty};
    let table: [(&[&str], &[&str], IndirectSelection, &str); 8] = [
        (&["stg_users"], &[], Eager, "stg_users assert_users_in_kpis unique_stg_users_id"),
        (&["stg_users"], &[], Cautious, "stg_users unique_stg_users_id"),
        (&["stg_users"], &[], Empty, "stg_users"),
        (&["daily_kpis"], &[], Cautious, "daily_kpis"),
        (&["daily_kpis"], &[], Buildable, "daily_kpis assert_users_in_kpis"),
        (
            &["stg_users", "daily_kpis"],
            &[],
            Cautious,
            "daily_kpis stg_users assert_users_in_kpis unique_stg_users_id",
        ),
        (&["stg_users", "daily_kpis"], &["daily_kpis"], Eager, "stg_users unique_stg_users_id"),
        (&["stg_users"], &["test_type:data"], Eager, "stg_users"),
    ];
    for (select, exclude, mode, expected) in table {
        assert_eq!(names(&run(select, exclude, mode).value), expected, "{select:?} - {exclude:?}, {mode:?}");
    }
}

#[test]
fn without_criteria_all_is_selected_and_types_filter() {
    let manifest = manifest();
    let selectors = Selectors::default();
    let around = Surroundings::new(&manifest, &selectors, None);
    let all = select(&around, &Criteria::default());
    assert_eq!(all.value.len(), manifest.nodes.len());
    let criteria = Criteria { resource_types: vec![ResourceType::Seed], ..Criteria::default() };
    assert_eq!(names(&select(&around, &criteria).value), "users");
    let exclude_resource_types = vec![ResourceType::Test, ResourceType::Exposure];
    let criteria = Criteria { exclude_resource_types, ..Criteria::default() };
    assert_eq!(select(&around, &criteria).value.len(), manifest.nodes.len() - 3);
}

#[test]
fn what_cannot_be_understood_is_said() {
    let table = [
        ("tga:nightly", Code::InvalidSelector, "`tga` in `tga:nightly` is not a selection method", "`tag`"),
        ("tag:", Code::InvalidSelector, "`tag:` names nothing", "tag:nightly"),
        ("a,,b", Code::InvalidSelector, "`` names nothing", "name"),
        ("@a+", Code::InvalidSelector, "`@a+` has both `@` before and `+` after the name", "leave out"),
        ("a+99999999999999999999999", Code::InvalidSelector, "the depth `99999999999999999999999`", "number"),
        ("config:table", Code::InvalidSelector, "does not say which config", "config.materialized"),
        ("tag.x:y", Code::InvalidSelector, "takes nothing after a dot", "`.x`"),
        ("resource_type:modle", Code::InvalidSelector, "`modle`", "`model`"),
        ("test_type:genric", Code::InvalidSelector, "`genric`", "`generic`"),
        ("source:a.b.c.d", Code::InvalidSelector, "more than three parts", "source:name"),
        ("selector:nightly", Code::InvalidSelector, "no selector named `nightly`", "selectors.yml"),
        ("metric:a.b.c", Code::InvalidSelector, "more than two parts", "`metric:package.name`"),
        ("상태:수정", Code::InvalidSelector, "`상태`", "methods are"),
    ];
    for (selector, code, message, help) in table {
        let Checked { value, diagnostics } = run(&[selector], &[], IndirectSelection::Eager);
        assert!(value.is_empty(), "{selector}");
        let [error] = diagnostics.as_slice() else { panic!("{selector}: {diagnostics:?}") };
        assert_eq!(error.code(), code, "{selector}");
        assert!(error.is_error() && error.message().contains(message), "{selector}: {error}");
        assert!(error.help_text().unwrap_or_default().contains(help), "{selector}: {error:?}");
    }
}

#[test]
fn a_criterion_that_matches_nothing_warns_and_suggests() {
    let table = [
        ("stg_evnts", Some("`stg_events`"), None),
        ("tag:nightyl", Some("`nightly`"), None),
        ("source:raw.event", Some("`raw.events`"), None),
        ("models/stagin", Some("`models/staging`"), None),
        ("old_kpis", Some("`old_kpis` is disabled"), None),
        ("raw.events", Some("`source:raw.events`"), None),
        ("nightly", Some("`tag:nightly`"), None),
        ("group:x", None, None),
        ("tag:nightly,tag:none", None, Some("`tag:none`")),
        ("tag:nightly,주간_지표", None, Some("each of its parts")),
    ];
    for (selector, help, note) in table {
        let Checked { value, diagnostics } = run(&[selector], &[], IndirectSelection::Eager);
        assert!(value.is_empty(), "{selector}");
        let [warning] = diagnostics.as_slice() else { panic!("{selector}: {diagnostics:?}") };
        assert_eq!(warning.code(), Code::NoNodesSelected, "{selector}");
        let said = format!("The selection criterion '{selector}' does not match any enabled nodes");
        assert_eq!(warning.message(), said);
        match help {
            Some(help) => assert!(warning.help_text().unwrap_or_default().contains(help), "{warning:?}"),
            None => assert_eq!(warning.help_text(), None, "{selector}"),
        }
        let notes = warning.notes().join(" ");
        assert!(note.map_or(notes.is_empty(), |note| notes.contains(note)), "{selector}: {notes}");
    }
}
