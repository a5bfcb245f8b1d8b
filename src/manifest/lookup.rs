use std::collections::BTreeMap;

use super::{Node, NodeId, NodeKind, Ref, version_text};

/// What a `ref()` or `source()` turned out to name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    Node(NodeId),
    /// It is there, but `enabled: false`.
    Disabled(NodeId),
    /// Several packages have one of that name and none is nearer than the others.
    Ambiguous(Vec<NodeId>),
    Nothing,
}

/// Nodes by the names templates use for them.
#[derive(Clone, Debug, Default)]
pub struct Lookup {
    /// By name and version; the latest of a versioned model stands under no version, too.
    refs: BTreeMap<(String, Option<String>), Vec<Entry>>,
    sources: BTreeMap<(String, String), Vec<Entry>>,
    functions: BTreeMap<String, Vec<Entry>>,
    metrics: BTreeMap<String, Vec<Entry>>,
    /// Measures, each with the semantic model that has it.
    measures: BTreeMap<String, Vec<Entry>>,
    semantic_models: BTreeMap<String, Vec<Entry>>,
}

#[derive(Clone, Debug)]
struct Entry {
    package: String,
    id: NodeId,
    is_enabled: bool,
}

impl Lookup {
    #[must_use]
    pub fn new<'a>(
        enabled: impl Iterator<Item = &'a Node>,
        disabled: impl Iterator<Item = &'a Node>,
    ) -> Self {
        let mut lookup = Self::default();
        let nodes = enabled.map(|node| (node, true)).chain(disabled.map(|node| (node, false)));
        for (node, is_enabled) in nodes {
            let entry = Entry { package: node.package.clone(), id: node.id.clone(), is_enabled };
            match &node.kind {
                NodeKind::Source(source) => {
                    let key = (source.source_name.clone(), node.name.clone());
                    lookup.sources.entry(key).or_default().push(entry);
                }
                NodeKind::Function(_) => {
                    lookup.functions.entry(node.name.clone()).or_default().push(entry);
                }
                NodeKind::Metric(_) => lookup.metrics.entry(node.name.clone()).or_default().push(entry),
                NodeKind::SemanticModel(model) => {
                    for measure in model.names("measures") {
                        lookup.measures.entry(measure.to_owned()).or_default().push(entry.clone());
                    }
                    lookup.semantic_models.entry(node.name.clone()).or_default().push(entry);
                }
                _ if node.resource_type.is_refable() => {
                    let latest = node.model().and_then(|model| model.latest_version.as_ref());
                    let version = node.version();
                    if version.is_none() || version == latest.map(version_text) {
                        lookup.refs.entry((node.name.clone(), None)).or_default().push(entry.clone());
                    }
                    if version.is_some() {
                        lookup.refs.entry((node.name.clone(), version)).or_default().push(entry);
                    }
                }
                _ => {}
            }
        }
        lookup
    }

    /// What `ref(package, name)` means inside `from`, dbt's way: the package that is
    /// named; else the package the call stands in, the root project, any other. Of a versioned
    /// model it is the version that is named, else the latest.
    #[must_use]
    pub fn find_ref(&self, root: &str, from: &str, call: &Ref) -> Found {
        let key = (call.name.clone(), call.version.as_ref().map(version_text));
        Self::choose(self.refs.get(&key).map_or(&[], Vec::as_slice), root, from, call.package.as_deref())
    }

    /// The versions that there are of a name, in order.
    pub fn versions(&self, name: &str) -> impl Iterator<Item = &str> {
        let all = self.refs.range((name.to_owned(), None)..);
        all.take_while(move |((found, _), _)| found == name)
            .filter_map(|((_, version), _)| version.as_deref())
    }

    /// What `source(source, table)` means inside the package `from`.
    #[must_use]
    pub fn find_source(&self, root: &str, from: &str, source: &str, table: &str) -> Found {
        let key = (source.to_owned(), table.to_owned());
        Self::choose(self.sources.get(&key).map_or(&[], Vec::as_slice), root, from, None)
    }

    /// What `function(package, name)` means inside `from`.
    #[must_use]
    pub fn find_function(&self, root: &str, from: &str, package: Option<&str>, name: &str) -> Found {
        Self::choose(self.functions.get(name).map_or(&[], Vec::as_slice), root, from, package)
    }

    /// What the metric of that name means inside the package `from`.
    #[must_use]
    pub fn find_metric(&self, root: &str, from: &str, package: Option<&str>, name: &str) -> Found {
        Self::choose(self.metrics.get(name).map_or(&[], Vec::as_slice), root, from, package)
    }

    /// The semantic model that has the measure of that name.
    #[must_use]
    pub fn find_measure(&self, root: &str, from: &str, name: &str) -> Found {
        Self::choose(self.measures.get(name).map_or(&[], Vec::as_slice), root, from, None)
    }

    /// The semantic model of that name.
    #[must_use]
    pub fn find_semantic_model(&self, root: &str, from: &str, name: &str) -> Found {
        Self::choose(self.semantic_models.get(name).map_or(&[], Vec::as_slice), root, from, None)
    }

    /// All names of metrics, in order.
    pub fn metric_names(&self) -> impl Iterator<Item = &str> {
        self.metrics.keys().map(String::as_str)
    }

    /// All names of measures, in order.
    pub fn measure_names(&self) -> impl Iterator<Item = &str> {
        self.measures.keys().map(String::as_str)
    }

    fn choose(entries: &[Entry], root: &str, from: &str, package: Option<&str>) -> Found {
        let within =
            |name: &'_ str| -> Vec<&Entry> { entries.iter().filter(|entry| entry.package == name).collect() };
        let nearest: Vec<&Entry> = if let Some(package) = package {
            within(package)
        } else {
            let near = within(from).into_iter().chain(within(root));
            let own: Vec<_> = near.filter(|entry| entry.is_enabled).take(1).collect();
            if own.is_empty() { entries.iter().collect() } else { own }
        };
        let enabled: Vec<_> = nearest.iter().filter(|entry| entry.is_enabled).collect();
        match (enabled.as_slice(), nearest.first()) {
            ([one], _) => Found::Node(one.id.clone()),
            ([], Some(disabled)) => Found::Disabled(disabled.id.clone()),
            ([], None) => Found::Nothing,
            (several, _) => Found::Ambiguous(several.iter().map(|entry| entry.id.clone()).collect()),
        }
    }

    /// All names that `ref()` could use, in order.
    pub fn ref_names(&self) -> impl Iterator<Item = &str> {
        let names = self.refs.keys().map(|(name, _)| name.as_str());
        let mut last = None;
        names.filter(move |name| last.replace(*name) != Some(*name))
    }

    /// All names that `function()` could use, in order.
    pub fn function_names(&self) -> impl Iterator<Item = &str> {
        self.functions.keys().map(String::as_str)
    }

    /// All pairs that `source()` could use, in order.
    pub fn source_names(&self) -> impl Iterator<Item = (&str, &str)> {
        self.sources.keys().map(|(source, table)| (source.as_str(), table.as_str()))
    }
}
