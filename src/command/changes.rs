use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value, json};

use super::{Ended, Shell};
use crate::analyze::{Change, Version, difference};
use crate::check::{Earlier, ProjectAnalysis, Rendition, check, earlier};
use crate::execute::Event;
use crate::lineage::{ColumnGraph, Names, Reached, Touched, Whole, reach};
use crate::manifest::{Manifest, Node, NodeId, ResourceType};
use crate::select::Criteria;
use crate::sql::RelationName;
use crate::state::{Aspect, Comparison, Standing, compared_manifest};

/// What `changes` is asked for.
pub struct ChangesOptions<'a> {
    pub criteria: Criteria,
    pub as_json: bool,
    /// Whether a change that may break readers is a failure.
    pub fails_on_breaking: bool,
    /// How remarks look.
    pub faint: &'a dyn Fn(&str) -> String,
}

/// What became of a node.
struct Changed {
    id: NodeId,
    /// None: another text, the same meaning.
    changes: Vec<Change>,
    reached: Vec<Reached>,
}

/// Everything that was found.
#[derive(Default)]
struct Found {
    changed: Vec<Changed>,
    new: Vec<NodeId>,
    gone: Vec<String>,
}

/// `xform changes`: what the changed SQL means otherwise than in an earlier state, and what that
/// comes to below.
#[must_use]
pub fn changes(shell: &Shell<'_>, options: &ChangesOptions<'_>) -> Ended {
    let session = shell.session;
    let manifest = &session.manifest;
    let before = match compared_manifest(session.state.as_deref()) {
        Ok(before) => before,
        Err(diagnostic) => return shell.fail(diagnostic),
    };
    let selected: BTreeSet<NodeId> = match shell.select(manifest, &options.criteria) {
        Ok(selection) => selection.iter().cloned().collect(),
        Err(ended) => return ended,
    };
    let comparison = Comparison::new(before, manifest);
    let mut found = Found::default();
    let mut changed = BTreeSet::new();
    for node in manifest.nodes.values().filter(|node| is_query(node) && selected.contains(&node.id)) {
        match comparison.standing(&node.id) {
            Standing::New => found.new.push(node.id.clone()),
            Standing::Modified(changes) if changes.iter().any(|change| is_of_sql(change.aspect)) => {
                changed.insert(node.id.clone());
            }
            Standing::Modified(_) | Standing::Unmodified => {}
        }
    }
    found.gone = gone(before, manifest);
    let all: BTreeSet<NodeId> = manifest.nodes.keys().cloned().collect();
    let now = check(&session.invocation, manifest, &all).value;
    let then = earlier(&session.invocation, manifest, &now, before, &changed);
    let graphs = Graphs::new(shell, manifest, &now, &then);
    found.changed = changed.into_iter().map(|id| graphs.changed(id, &then)).collect();
    let names = Names::new(manifest);
    let text = if options.as_json {
        serde_json::to_string_pretty(&as_json(&found)).unwrap_or_default()
    } else {
        as_text(&found, &names, options.faint)
    };
    shell.reporter.report(Event::Output(text));
    let is_breaking = |changed: &Changed| changed.changes.iter().any(Change::is_breaking);
    let breaks = found.changed.iter().any(is_breaking) || !found.gone.is_empty();
    if options.fails_on_breaking && breaks { Ended::WithFailures } else { Ended::Well }
}

fn is_query(node: &Node) -> bool {
    matches!(node.resource_type, ResourceType::Model | ResourceType::Snapshot)
}

/// Whether a change may be one of the compiled SQL.
fn is_of_sql(aspect: Aspect) -> bool {
    matches!(aspect, Aspect::Body | Aspect::Macros | Aspect::Configs)
}

/// Models and snapshots that there are no more.
fn gone(before: &Value, manifest: &Manifest) -> Vec<String> {
    let nodes = before.get("nodes").and_then(Value::as_object).into_iter().flatten();
    nodes
        .map(|(id, _)| id)
        .filter(|id| id.starts_with("model.") || id.starts_with("snapshot."))
        .filter(|id| manifest.node(&NodeId::new(id)).is_none())
        .cloned()
        .collect()
}

/// The columns of the project as they are, and as they were.
struct Graphs<'a> {
    manifest: &'a Arc<Manifest>,
    now: ColumnGraph,
    then: ColumnGraph,
}

impl<'a> Graphs<'a> {
    fn new(shell: &Shell<'_>, manifest: &'a Arc<Manifest>, now: &ProjectAnalysis, then: &Earlier) -> Self {
        let adapter = &shell.session.invocation.adapter;
        let graph = |project| ColumnGraph::new(manifest, project, adapter.dialect(), adapter.database());
        Self { manifest, now: graph(now), then: graph(&then.project) }
    }

    fn changed(&self, id: NodeId, then: &Earlier) -> Changed {
        let changes = match then.versions.get(&id) {
            Some((Some(old), Some(new))) => meaning(&id, old, new),
            Some((None, _)) => {
                vec![Change::Unclear("the earlier manifest has no compiled SQL of it".to_owned())]
            }
            _ => vec![Change::Unclear("it cannot be compiled without the warehouse".to_owned())],
        };
        let reached = self.reached(&id, &changes);
        Changed { id, changes, reached }
    }

    /// What all changes of a node come to below it. Who reads what is gone is known from before.
    fn reached(&self, id: &NodeId, changes: &[Change]) -> Vec<Reached> {
        let is_ephemeral = self.manifest.node(id).is_some_and(Node::is_ephemeral);
        let mut columns: Vec<String> = Vec::new();
        let mut has_other_rows = false;
        for change in changes {
            match change {
                Change::Rows(_) | Change::Unclear(_) => has_other_rows = true,
                // How its readers used a column that is gone cannot be told any more.
                change if is_ephemeral && change.is_breaking() => has_other_rows = true,
                Change::Moved { .. } | Change::Reordered => {}
                change => columns.extend(change.columns().into_iter().map(str::to_owned)),
            }
        }
        if has_other_rows {
            return reach(self.manifest, &self.now, id, &Touched::Rows);
        }
        if columns.is_empty() {
            return Vec::new();
        }
        let touched = Touched::Columns(columns);
        let mut reached = reach(self.manifest, &self.now, id, &touched);
        let mut places: BTreeMap<NodeId, usize> =
            reached.iter().enumerate().map(|(at, one)| (one.node.clone(), at)).collect();
        for before in reach(self.manifest, &self.then, id, &touched) {
            match places.get(&before.node) {
                Some(at) => merge(&mut reached[*at], before),
                None => {
                    places.insert(before.node.clone(), reached.len());
                    reached.push(before);
                }
            }
        }
        reached
    }
}

fn merge(into: &mut Reached, other: Reached) {
    match (&mut into.columns, other.columns) {
        (Some(columns), Some(more)) => columns.extend(more),
        (Some(_), None) => (into.columns, into.why) = (None, other.why),
        (None, _) => {}
    }
}

fn meaning(id: &NodeId, old: &Rendition, new: &Rendition) -> Vec<Change> {
    let reads_itself = |rendition: &Rendition| {
        let inputs = rendition.analysis.iter().flat_map(|analysis| &analysis.inputs);
        inputs.into_iter().any(|input| rendition.nodes.get(&input.relation.key()) == Some(id))
    };
    if reads_itself(old) != reads_itself(new) {
        let why = "one version adds to the table that is there, the other makes it anew";
        return vec![Change::Unclear(why.to_owned())];
    }
    let identify = |rendition: &Rendition, relation: &RelationName| {
        rendition.nodes.get(&relation.key()).map(ToString::to_string)
    };
    let (identify_old, identify_new) = (
        |relation: &RelationName| identify(old, relation),
        |relation: &RelationName| identify(new, relation),
    );
    difference(&version(old, &identify_old), &version(new, &identify_new))
}

fn version<'a>(
    rendition: &'a Rendition,
    identify: &'a dyn Fn(&RelationName) -> Option<String>,
) -> Version<'a> {
    Version {
        text: &rendition.text,
        query: rendition.query.as_ref(),
        analysis: rendition.analysis.as_deref(),
        relations: &rendition.relations,
        identify,
    }
}

fn as_text(found: &Found, names: &Names<'_>, faint: &dyn Fn(&str) -> String) -> String {
    let mut text: Vec<String> = Vec::new();
    for changed in found.changed.iter().filter(|changed| !changed.changes.is_empty()) {
        text.push(names.shown(&changed.id));
        text.extend(changed.changes.iter().map(|change| format!("  {change}")));
        let reached: Vec<String> = changed
            .reached
            .iter()
            .filter(|one| !is_test(&one.node))
            .map(|one| reached_words(one, names))
            .collect();
        if !reached.is_empty() {
            text.push(format!("  {}", faint("reaches")));
            text.extend(reached.into_iter().map(|line| format!("    {line}")));
        }
    }
    for changed in found.changed.iter().filter(|changed| changed.changes.is_empty()) {
        text.push(names.shown(&changed.id));
        text.push(format!("  {}", faint("means what it meant")));
    }
    for id in &found.new {
        text.push(names.shown(id));
        text.push("  is new".to_owned());
    }
    for id in &found.gone {
        text.push(id.clone());
        text.push("  is gone".to_owned());
    }
    if text.is_empty() {
        text.push("No SQL has changed.".to_owned());
    }
    text.join("\n")
}

fn is_test(id: &NodeId) -> bool {
    ["test.", "unit_test.", "operation."].iter().any(|kind| id.as_str().starts_with(kind))
}

fn reached_words(reached: &Reached, names: &Names<'_>) -> String {
    let name = names.shown(&reached.node);
    match (&reached.columns, &reached.why) {
        (Some(columns), _) => {
            let columns: Vec<String> =
                columns.iter().map(|(column, how)| format!("{column} ({})", how.name())).collect();
            format!("{name}: {}", columns.join(", "))
        }
        (None, Some(Whole::Decided { by, column, how })) => {
            format!("{name}: all rows ({} {}.{column})", how.name(), names.shown(by))
        }
        (None, Some(Whole::Rows(_))) => format!("{name}: all rows"),
        (None, _) => name,
    }
}

fn as_json(found: &Found) -> Value {
    let changed: Vec<Value> = found
        .changed
        .iter()
        .map(|changed| {
            let changes: Vec<Value> = changed.changes.iter().map(change_json).collect();
            let reached: Vec<Value> =
                changed.reached.iter().filter(|one| !is_test(&one.node)).map(reached_json).collect();
            json!({"unique_id": changed.id.as_str(), "changes": changes, "reaches": reached})
        })
        .collect();
    let new: Vec<&str> = found.new.iter().map(NodeId::as_str).collect();
    json!({ "changed": changed, "new": new, "gone": found.gone })
}

fn change_json(change: &Change) -> Value {
    let mut all = json!({
        "kind": change.kind(),
        "columns": change.columns(),
        "is_breaking": change.is_breaking(),
        "text": change.to_string(),
    });
    let (from, to) = match change {
        Change::Renamed { from, to } => (Some(from.clone()), Some(to.clone())),
        Change::Retyped { from, to, .. } => (Some(from.to_string()), Some(to.to_string())),
        Change::Recomputed { from, to, .. } => (from.clone(), to.clone()),
        _ => (None, None),
    };
    all["from"] = json!(from);
    all["to"] = json!(to);
    all
}

fn reached_json(reached: &Reached) -> Value {
    let columns = reached.columns.as_ref().map(|columns| {
        let columns = columns.iter().map(|(name, how)| json!({"column": name, "how": how.name()}));
        columns.collect::<Vec<Value>>()
    });
    json!({"unique_id": reached.node.as_str(), "columns": columns, "is_whole": reached.columns.is_none()})
}
