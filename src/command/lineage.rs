use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value};

use super::{Ended, Shell};
use crate::adapter::Adapter;
use crate::check::{ProjectAnalysis, check};
use crate::diagnostic::{Code, Diagnostic};
use crate::execute::Event;
use crate::lineage::{
    Branch, ColumnGraph, ColumnId, Inherited, Names, NodeOrColumn, OpenLineage, Reach, Trees, description,
    lines,
};
use crate::manifest::{Manifest, Node, NodeId, ResourceType};
use crate::session::{Session, new_invocation_id};

/// The form of what `lineage` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineageFormat {
    Text,
    Json,
    OpenLineage,
}

impl LineageFormat {
    /// From the word of `--output`; text for any other.
    #[must_use]
    pub fn find(word: &str) -> Self {
        match word {
            "json" => Self::Json,
            "openlineage" => Self::OpenLineage,
            _ => Self::Text,
        }
    }
}

/// What `lineage` is asked for.
pub struct LineageOptions<'a> {
    /// A node, or a column of one; all nodes where there is none.
    pub name: Option<String>,
    pub upstream: bool,
    pub downstream: bool,
    pub depth: Option<usize>,
    pub with_rows: bool,
    pub format: LineageFormat,
    /// How remarks look.
    pub faint: &'a dyn Fn(&str) -> String,
}

/// Everything that is told from.
pub(super) struct Known {
    pub manifest: Arc<Manifest>,
    pub project: ProjectAnalysis,
    pub graph: ColumnGraph,
    pub inherited: Inherited,
}

impl Known {
    pub(super) fn new(session: &Session) -> Self {
        let manifest = Arc::clone(&session.manifest);
        // What is wrong with the nodes is for `check` to tell.
        let all: BTreeSet<NodeId> = manifest.nodes.keys().cloned().collect();
        let project = check(&session.invocation, &manifest, &all).value;
        let adapter = &session.invocation.adapter;
        let graph = ColumnGraph::new(&manifest, &project, adapter.dialect(), adapter.database());
        let inherited = Inherited::new(&manifest, &project, &graph, adapter.dialect());
        Self { manifest, project, graph, inherited }
    }
}

/// `xform lineage`: what a column is made of, and what is made of it.
#[must_use]
pub fn lineage(shell: &Shell<'_>, options: &LineageOptions<'_>) -> Ended {
    if options.name.is_none() && options.format == LineageFormat::Text {
        let message = "a node or a column has to be named";
        let help =
            "as in `xform lineage orders.amount`; without a name there is `--output json` or `openlineage`";
        return shell.fail(Diagnostic::error(Code::InvalidUsage, message).help(help));
    }
    let known = Known::new(shell.session);
    let names = Names::new(&known.manifest);
    let named = match options.name.as_ref().map(|name| names.find(name, &known.graph)).transpose() {
        Ok(named) => named,
        Err(diagnostic) => return shell.fail(diagnostic),
    };
    let text = match (options.format, &named) {
        (LineageFormat::OpenLineage, named) => open_lineage(shell, &known, named.as_ref()),
        (LineageFormat::Json, named) => {
            let all = as_json(&known, named.as_ref(), options);
            serde_json::to_string_pretty(&all).unwrap_or_default()
        }
        (LineageFormat::Text, Some(named)) => as_text(&known, &names, named, options),
        (LineageFormat::Text, None) => String::new(),
    };
    if !text.is_empty() {
        shell.reporter.report(Event::Output(text));
    }
    Ended::Well
}

/// Every column of the project with its type, description, implied tests and edges.
pub(super) fn all_columns(known: &Known) -> LineageJson<'_> {
    let options = LineageOptions {
        name: None,
        upstream: true,
        downstream: true,
        depth: None,
        with_rows: true,
        format: LineageFormat::Json,
        faint: &str::to_owned,
    };
    as_json(known, None, &options)
}

/// Events, one a line.
fn open_lineage(shell: &Shell<'_>, known: &Known, named: Option<&NodeOrColumn>) -> String {
    let invocation = &shell.session.invocation;
    // Each event has a time and an id of its own.
    invocation.system.depends_on_moment();
    let time = invocation.system.now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    let namespace = namespace(&*invocation.adapter, &invocation.target.keys);
    let events = OpenLineage {
        manifest: &known.manifest,
        project: &known.project,
        graph: &known.graph,
        inherited: &known.inherited,
        namespace: &namespace,
        time: &time,
    };
    let ids = known.manifest.nodes.keys().filter(|id| named.is_none_or(|named| named.node == **id));
    let lines = ids.filter_map(|id| events.event(id, &new_invocation_id()));
    lines.map(|event| event.to_string()).collect::<Vec<_>>().join("\n")
}

/// Where the datasets of a target are, after
/// <https://openlineage.io/docs/spec/naming>: the kind of warehouse and which one it is.
fn namespace(adapter: &dyn Adapter, keys: &Map<String, Value>) -> String {
    let place = ["path", "host", "account"].iter().find_map(|name| keys.get(*name)?.as_str());
    let place = place.unwrap_or_else(|| adapter.database());
    // What follows are settings, and may be secrets.
    let place = place.split('?').next().unwrap_or(place);
    format!("{}://{place}", adapter.name())
}

fn as_text(known: &Known, names: &Names<'_>, named: &NodeOrColumn, options: &LineageOptions<'_>) -> String {
    let (manifest, graph) = (&known.manifest, &known.graph);
    let column = named.column.as_ref().and_then(|column| graph.find(&named.node, column));
    // A node has many columns: of each only what it is made of directly, unless more is asked for.
    let depth = if column.is_none() { options.depth.or(Some(1)) } else { options.depth };
    let trees =
        |depth| Trees { manifest, graph, names, reach: Reach { depth, with_rows: options.with_rows } };
    let faint = options.faint;
    let mut text = Vec::new();
    let add = |text: &mut Vec<String>, heading: &str, branches: &[Branch]| {
        text.push(format!("\n{}", faint(heading)));
        text.extend(lines(branches, faint));
    };
    if let Some(column) = column {
        text.push(format!(
            "{}.{}{}",
            names.shown(&named.node),
            graph.name(column),
            remarks(known, names, column, faint)
        ));
        let trees = trees(depth);
        if options.upstream {
            match trees.upstream(column) {
                made_of if made_of.is_empty() => {
                    text.push(format!("\n{}", faint("made of nothing that is known")));
                }
                made_of => add(&mut text, "made of", &made_of),
            }
        }
        if options.downstream {
            match trees.downstream(column) {
                makes if makes.is_empty() => text.push(format!("\n{}", faint("nothing is made of it"))),
                makes => add(&mut text, "makes", &makes),
            }
        }
        return text.join("\n");
    }
    text.push(names.shown(&named.node));
    if options.upstream {
        let only_columns = Trees { reach: Reach { depth, with_rows: false }, ..trees(depth) };
        let columns = graph.columns(&named.node).iter().map(|column| Branch {
            name: graph.name(*column).to_owned(),
            how: String::new(),
            branches: only_columns.upstream(*column),
        });
        let mut columns: Vec<Branch> = columns.collect();
        if options.with_rows {
            let rows = only_columns.rows_of(&named.node);
            if !rows.is_empty() {
                columns.push(Branch { name: "which rows".to_owned(), how: String::new(), branches: rows });
            }
        }
        if !columns.is_empty() {
            add(&mut text, "columns", &columns);
        }
    }
    if options.downstream {
        match trees(options.depth).readers(&named.node) {
            readers if readers.is_empty() => text.push(format!("\n{}", faint("nothing reads it"))),
            readers => add(&mut text, "read by", &readers),
        }
    }
    text.join("\n")
}

/// Type, description and tests of a column.
fn remarks(known: &Known, names: &Names<'_>, column: ColumnId, faint: &dyn Fn(&str) -> String) -> String {
    let mut text = String::new();
    let graph = &known.graph;
    let name_of = |column: ColumnId| format!("{}.{}", names.shown(graph.node(column)), graph.name(column));
    if let Some(data_type) = data_type(known, column) {
        let _ = write!(text, "  {}", faint(&data_type));
    }
    let own = known.manifest.node(graph.node(column)).and_then(|node| description(node, graph.name(column)));
    let line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    match (own, known.inherited.description(column)) {
        (Some(own), _) => _ = write!(text, "\n  {}", line(own)),
        (None, Some(inherited)) => {
            let origin = faint(&format!("(of {})", name_of(inherited.from)));
            let _ = write!(text, "\n  {} {origin}", line(&inherited.text));
        }
        (None, None) => {}
    }
    for test in known.inherited.tests(column) {
        let _ =
            write!(text, "\n  {}", faint(&format!("{} as {} is", test_word(&test.name), name_of(test.from))));
    }
    text
}

fn test_word(name: &str) -> &str {
    match name {
        "not_null" => "not null",
        "accepted_values" => "of accepted values",
        "relationships" => "in a relationship",
        other => other,
    }
}

fn data_type(known: &Known, column: ColumnId) -> Option<String> {
    let schema = known.project.node(known.graph.node(column))?.schema.as_ref()?;
    let name = known.graph.name(column);
    let found = schema.columns.iter().find(|known| known.name == name)?;
    found.data_type.as_ref().map(ToString::to_string)
}

/// The columns around what was named, and all edges between them.
fn as_json<'a>(
    known: &'a Known,
    named: Option<&NodeOrColumn>,
    options: &LineageOptions<'_>,
) -> LineageJson<'a> {
    let graph = &known.graph;
    let start: Vec<ColumnId> = match named {
        None => known.manifest.nodes.keys().flat_map(|id| graph.columns(id)).copied().collect(),
        Some(named) => match &named.column {
            Some(column) => graph.find(&named.node, column).into_iter().collect(),
            None => graph.columns(&named.node).to_vec(),
        },
    };
    let mut columns: BTreeSet<ColumnId> = start.iter().copied().collect();
    let mut edges = BTreeSet::new();
    for goes_up in [true, false] {
        if !(if goes_up { options.upstream } else { options.downstream }) {
            continue;
        }
        let mut border: Vec<ColumnId> = start.clone();
        let mut seen: BTreeSet<ColumnId> = start.iter().copied().collect();
        let mut step = 0;
        while !border.is_empty() && options.depth.is_none_or(|depth| step < depth) {
            let mut next = Vec::new();
            for column in border {
                for edge in if goes_up { graph.made_of(column) } else { graph.makes(column) } {
                    let ends = if goes_up { (edge.column, column) } else { (column, edge.column) };
                    edges.insert((ends.0, ends.1, edge.how));
                    if seen.insert(edge.column) {
                        next.push(edge.column);
                    }
                }
            }
            border = next;
            step += 1;
        }
        columns.extend(seen);
    }
    let nodes: BTreeSet<&NodeId> = columns.iter().map(|column| graph.node(*column)).collect();
    let mut row_edges = Vec::new();
    if options.with_rows || named.is_none() {
        for node in &nodes {
            row_edges.extend(graph.decided_by(node).iter().map(|edge| EdgeJson {
                from: known.place(edge.column),
                to: NodeJson { unique_id: node.as_str() },
                how: edge.how.name(),
            }));
        }
    }
    let is_test = |node: &Node| matches!(node.resource_type, ResourceType::Test | ResourceType::UnitTest);
    let node_edges = nodes
        .iter()
        .flat_map(|node| known.manifest.graph.children(node).into_iter().map(move |child| (*node, child)))
        .filter(|(_, child)| {
            !graph.has_lineage(child) && known.manifest.node(child).is_some_and(|node| !is_test(node))
        })
        .filter_map(|(node, child)| {
            let (child, _) = known.manifest.nodes.get_key_value(&child)?;
            let (from, to) = (NodeJson { unique_id: node.as_str() }, NodeJson { unique_id: child.as_str() });
            Some(NodeEdgeJson { from, to })
        })
        .collect();
    LineageJson {
        columns: columns.iter().map(|column| described_column(known, *column)).collect(),
        edges: edges
            .iter()
            .map(|(from, to, how)| EdgeJson {
                from: known.place(*from),
                to: known.place(*to),
                how: how.name(),
            })
            .collect(),
        row_edges,
        node_edges,
    }
}

/// What `lineage --output json` prints, and `column_lineage.json`.
#[derive(Serialize)]
pub(super) struct LineageJson<'a> {
    columns: Vec<ColumnJson<'a>>,
    edges: Vec<EdgeJson<'a, PlaceJson<'a>>>,
    row_edges: Vec<EdgeJson<'a, NodeJson<'a>>>,
    node_edges: Vec<NodeEdgeJson<'a>>,
}

#[derive(Clone, Copy, Serialize)]
struct PlaceJson<'a> {
    unique_id: &'a str,
    column: &'a str,
}

#[derive(Serialize)]
struct NodeJson<'a> {
    unique_id: &'a str,
}

#[derive(Serialize)]
struct EdgeJson<'a, To> {
    from: PlaceJson<'a>,
    to: To,
    how: &'static str,
}

#[derive(Serialize)]
struct NodeEdgeJson<'a> {
    from: NodeJson<'a>,
    to: NodeJson<'a>,
}

#[derive(Serialize)]
struct ColumnJson<'a> {
    unique_id: &'a str,
    column: &'a str,
    data_type: Option<String>,
    description: Option<&'a str>,
    description_from: Option<PlaceJson<'a>>,
    implied_tests: Vec<TestJson<'a>>,
}

#[derive(Serialize)]
struct TestJson<'a> {
    test: &'a str,
    name: &'a str,
    from: PlaceJson<'a>,
}

impl Known {
    fn place(&self, column: ColumnId) -> PlaceJson<'_> {
        PlaceJson { unique_id: self.graph.node(column).as_str(), column: self.graph.name(column) }
    }
}

fn described_column(known: &Known, column: ColumnId) -> ColumnJson<'_> {
    let graph = &known.graph;
    let PlaceJson { unique_id, column: name } = known.place(column);
    let own = known.manifest.node(graph.node(column)).and_then(|node| description(node, name));
    let inherited = known.inherited.description(column).filter(|_| own.is_none());
    ColumnJson {
        unique_id,
        column: name,
        data_type: data_type(known, column),
        description: own.or(inherited.map(|inherited| inherited.text.as_str())),
        description_from: inherited.map(|inherited| known.place(inherited.from)),
        implied_tests: known
            .inherited
            .tests(column)
            .iter()
            .map(|test| TestJson { test: test.test.as_str(), name: &test.name, from: known.place(test.from) })
            .collect(),
    }
}
