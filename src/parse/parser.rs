use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Arc, PoisonError};

use rayon::prelude::*;

use super::cache::Cache;
use super::config::ProjectConfigs;
use super::drafts::{draft_file, kind_of};
use super::generic_tests::{TestRequests, requests};
use super::macros::MacroTable;
use super::naming::OwnNames;
use super::properties::{ColumnEntry, Patch, Properties, Renderer, SourceEntry, read};
use super::{
    catalogs, check, contracts, deprecations, docs, exposures, hooks, microbatch, overrides, resolve,
    semantic, snapshots, sources, unit_tests,
};
use crate::context::{Invocation, Notes, ParseContext};
use crate::diagnostic::{Checked, Diagnostic};
use crate::manifest::{Column, Doc, Group, Macro, MacroId, Manifest, Node, ResourceType, SharedConfigs};
use crate::project::{FileKind, Package, ProjectFile, ProjectFiles};
use crate::text::Spanned;

/// What all steps need while nodes are made. Nothing in it changes any more.
pub(super) struct Parser<'a> {
    pub invocation: &'a Arc<Invocation>,
    pub packages: &'a [Package],
    pub configs: &'a ProjectConfigs,
    /// By kind, package and the name of the node, of a versioned model by that of its file.
    pub patches: &'a PatchIndex<'a>,
    /// Names of the groups that are declared.
    pub groups: &'a BTreeSet<&'a str>,
    pub own_names: &'a OwnNames,
    docs: &'a Arc<BTreeMap<String, Doc>>,
}

impl Parser<'_> {
    /// The same, with what templates ask for asked of another invocation.
    pub(super) fn within<'b>(&'b self, invocation: &'b Arc<Invocation>) -> Parser<'b> {
        Parser { invocation, ..*self }
    }

    /// A description with its `doc()` calls answered; empty when there is none.
    pub(super) fn description(
        &self,
        package: &str,
        text: Option<&Spanned<String>>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> String {
        match text {
            Some(text) if Renderer::is_template(&text.value) && self.package(package).is_some() => {
                self.described(package, text, diagnostics).0
            }
            Some(text) => text.value.clone(),
            None => String::new(),
        }
    }

    /// A description and, in order, the ids of the doc blocks it holds.
    pub(super) fn documented(
        &self,
        package: &str,
        text: Option<&Spanned<String>>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> (String, Vec<String>) {
        match text {
            Some(text) if text.value.contains("doc") && Renderer::is_template(&text.value) => {
                self.described(package, text, diagnostics)
            }
            text => (self.description(package, text, diagnostics), Vec::new()),
        }
    }

    /// A template rendered with the doc blocks, and those it asked for.
    fn described(
        &self,
        package: &str,
        text: &Spanned<String>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> (String, Vec<String>) {
        self.invocation.note(Notes::docs);
        let (context, found) = ParseContext::for_description(self.invocation, package, self.docs);
        let description = Renderer::new(&self.invocation.engine, context).text(text, diagnostics);
        let found = found.lock().unwrap_or_else(PoisonError::into_inner).clone();
        (description, found)
    }

    /// Columns with their descriptions; of two of one name the later stands.
    pub(super) fn columns(
        &self,
        package: &str,
        entries: &[ColumnEntry],
        diagnostics: &mut Vec<Diagnostic>,
    ) -> indexmap::IndexMap<String, Column> {
        let column = |entry: &ColumnEntry| {
            let (description, doc_blocks) = self.documented(package, entry.description.as_ref(), diagnostics);
            (entry.column.name.clone(), Column { description, doc_blocks, ..entry.column.clone() })
        };
        entries.iter().map(column).collect()
    }

    /// What a properties file says of a node.
    pub(super) fn patch(&self, kind: ResourceType, package: &str, name: &str) -> Option<&Patch> {
        self.patches.get(&(kind, package.to_owned(), name.to_owned())).copied()
    }

    pub(super) fn package(&self, name: &str) -> Option<&Package> {
        self.packages.iter().find(|package| package.name() == name)
    }

    /// Seconds since the epoch at which this run began.
    #[allow(clippy::cast_precision_loss, reason = "microseconds since 1970 fit for centuries")]
    pub(super) fn created_at(&self) -> f64 {
        self.invocation.started_at.timestamp_micros() as f64 / 1e6
    }
}

/// Makes the manifest of a project out of its files. The engine in `invocation` is the one
/// that [`load_macros`](super::load_macros) gave together with `macros`.
///
/// What is wrong with one node keeps no other from being parsed: all is told at once.
pub fn parse(
    invocation: &Arc<Invocation>,
    project_files: &ProjectFiles,
    macros: MacroTable,
) -> Checked<Manifest> {
    let mut diagnostics = Vec::new();
    let mut cache = Cache::open(invocation, project_files, &macros);
    let (docs, properties, configs) = read_surroundings(invocation, project_files, &cache, &mut diagnostics);
    let mut macros = macros.resolve(&invocation.files, &invocation.macros, invocation.adapter.as_ref());

    let (patches, duplicates) = index(&properties.patches, project_files);
    diagnostics.extend(duplicates);
    let group_names = properties.groups.iter().map(|group| group.name.value.as_str()).collect();
    cache.take_configs(&configs, &group_names);
    let parser = Parser {
        invocation,
        packages: &project_files.packages,
        configs: &configs,
        patches: &patches,
        groups: &group_names,
        own_names: &OwnNames::new(invocation, &project_files.packages),
        docs: &docs,
    };

    diagnostics.extend(check::macro_patches(&parser, &properties.macros, &mut macros));
    let drafts = make_drafts(&parser, &cache, project_files, &properties, &mut diagnostics);
    let _keeping = cache.keep();
    let groups = groups(&parser, &properties, &mut diagnostics);
    let mut manifest = assemble(&parser, drafts, macros, Arc::clone(&docs), groups, &mut diagnostics);
    let known = check::Whole { parser: &parser, properties: &properties };
    diagnostics.extend(known.check(&manifest));
    diagnostics.extend(resolve::resolve(&parser, &mut manifest));
    diagnostics.extend(unit_tests::add(&parser, project_files, &properties, &mut manifest));
    diagnostics.extend(microbatch::unfiltered(&manifest));
    semantic::complete(&mut manifest);
    diagnostics.extend(semantic::check(&parser, &properties, &manifest));
    manifest.reindex();
    diagnostics.extend(contracts::resolve(&mut manifest));
    diagnostics.extend(catalogs::asked_for(&manifest));
    diagnostics.extend(check::cycles(&manifest));
    diagnostics.extend(deprecations::deprecations(&manifest, invocation.started_at));
    Checked::new(manifest, once_each(diagnostics))
}

/// Doc blocks, properties files and the trees of project files.
fn read_surroundings(
    invocation: &Arc<Invocation>,
    project_files: &ProjectFiles,
    cache: &Cache<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> (Arc<BTreeMap<String, Doc>>, Properties, ProjectConfigs) {
    let docs = docs::docs(&project_files.files);
    diagnostics.extend(docs.diagnostics);
    cache.take_docs(&docs.value);
    let renderers: BTreeMap<&str, Renderer<'_>> = project_files
        .packages
        .iter()
        .map(|package| {
            let context = ParseContext::for_properties(invocation, package.name());
            (package.name(), Renderer::new(&invocation.engine, context))
        })
        .collect();
    let configs = ProjectConfigs::new(
        &project_files.packages,
        &invocation.root_package,
        |package| renderers.get(package).cloned(),
        diagnostics,
    );
    let files: Vec<&ProjectFile> =
        project_files.files.iter().filter(|file| file.kind == FileKind::Properties).collect();
    let read = |file: &&ProjectFile| {
        renderers.get(file.package.as_str())?;
        Some(cache.answer(Some(cache.key_of_properties(file)), |invocation| {
            let context = ParseContext::for_properties(invocation, &file.package);
            let mut read = read(file, &Renderer::new(&invocation.engine, context));
            read.value.take_digests(file, &invocation.files);
            read
        }))
    };
    let read: Vec<Checked<Properties>> = files.par_iter().filter_map(read).collect();
    let mut properties = Properties::default();
    for one in read {
        properties.extend(one.value);
        diagnostics.extend(one.diagnostics);
    }
    diagnostics.extend(overrides::apply(&mut properties.sources));
    (Arc::new(docs.value), properties, configs)
}

type PatchIndex<'a> = BTreeMap<(ResourceType, String, String), &'a Patch>;

/// Entries by what they describe; the first of two stands.
fn index<'a>(patches: &'a [Patch], project_files: &ProjectFiles) -> (PatchIndex<'a>, Vec<Diagnostic>) {
    let models = project_files.files.iter().filter(|file| file.kind == FileKind::Model);
    let stems: BTreeSet<(&str, &str)> =
        models.map(|file| (file.package.as_str(), stem(&file.path))).collect();
    let mut index: PatchIndex<'_> = BTreeMap::new();
    let mut diagnostics = Vec::new();
    for patch in patches {
        let package = &patch.origin.package;
        let described = patch.file_stem(|stem| stems.contains(&(package.as_str(), stem)));
        let key = (patch.kind, package.clone(), described);
        match index.get(&key) {
            Some(first) => diagnostics.push(check::duplicate_patch(patch, first)),
            None => {
                index.insert(key, patch);
            }
        }
    }
    (index, diagnostics)
}

/// The drafts of one file that may be kept.
fn drafts_of_file(parser: &Parser<'_>, cache: &Cache<'_>, file: &ProjectFile) -> Checked<Option<Node>> {
    let Some(kind) = kind_of(file.kind) else { return Checked::ok(None) };
    let key = cache.key_of_file(file);
    // Nothing is kept of an entry without a digest.
    let key = match parser.patch(kind, &file.package, stem(&file.path)).map(|patch| patch.digest) {
        None => Some(key),
        Some(digest) => digest.map(|digest| key.bytes(&digest)),
    };
    cache.answer(key, |invocation| draft_file(&parser.within(invocation), file))
}

/// The name of a file without folders and ending.
fn stem(path: &str) -> &str {
    let base = path.rsplit_once('/').map_or(path, |(_, base)| base);
    base.rsplit_once('.').map_or(base, |(stem, _)| stem)
}

/// A node of everything there is, dependencies not yet known.
fn make_drafts(
    parser: &Parser<'_>,
    cache: &Cache<'_>,
    project_files: &ProjectFiles,
    properties: &Properties,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Node> {
    let mut drafts = Vec::new();
    let shared = SharedConfigs::default();
    // Drafts that wait for the others take less memory so.
    let sharing = |mut draft: Checked<Option<Node>>| {
        if let Some(node) = &mut draft.value {
            shared.share(&mut node.config);
        }
        draft
    };
    let mut take = |found: Vec<Checked<Option<Node>>>, diagnostics: &mut Vec<Diagnostic>| {
        for one in found {
            diagnostics.extend(one.diagnostics);
            drafts.extend(one.value);
        }
    };
    let files = project_files.files.par_iter();
    take(files.map(|file| sharing(drafts_of_file(parser, cache, file))).collect(), diagnostics);
    for file in project_files.files.iter().filter(|file| file.kind == FileKind::Snapshot) {
        take(snapshots::in_file(parser, file), diagnostics);
    }
    let entries = properties.patches.iter().filter(|patch| patch.kind == ResourceType::Snapshot);
    take(entries.filter_map(|patch| snapshots::of_entry(parser, patch)).collect(), diagnostics);
    let of_source = |source: &SourceEntry| {
        let key = source.digest.map(|digest| cache.key("source").bytes(&digest));
        cache.answer(key, |invocation| {
            let parser = parser.within(invocation);
            source.tables.iter().map(|table| sources::draft(&parser, source, table)).collect()
        })
    };
    let found: Vec<Vec<_>> = properties.sources.par_iter().map(of_source).collect();
    take(found.into_iter().flatten().collect(), diagnostics);
    take(properties.exposures.iter().map(|entry| exposures::draft(parser, entry)).collect(), diagnostics);
    take(hooks::drafts(parser), diagnostics);
    take(semantic::drafts(parser, properties), diagnostics);
    let requests: Vec<TestRequests<'_>> = requests(parser, properties, &drafts);
    let tests: Vec<Vec<_>> = requests
        .par_iter()
        .map(|requests| {
            let key = requests.digest().map(|digest| cache.key("tests").bytes(&digest));
            let drafts: Vec<_> = cache.answer(key, |invocation| {
                let parser = parser.within(invocation);
                requests.each().map(|request| request.draft(&parser)).collect()
            });
            drafts.into_iter().map(sharing).collect()
        })
        .collect();
    for one in tests.into_iter().flatten() {
        diagnostics.extend(one.diagnostics);
        drafts.extend(one.value);
    }
    // A draft that was kept is of another moment.
    let created_at = parser.created_at();
    for node in &mut drafts {
        node.created_at = created_at;
    }
    drafts
}

fn groups(
    parser: &Parser<'_>,
    properties: &Properties,
    diagnostics: &mut Vec<Diagnostic>,
) -> BTreeMap<String, Group> {
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    for entry in &properties.groups {
        let package = &entry.origin.package;
        let id = format!("group.{package}.{}", entry.name.value);
        if let Some(first) = groups.get(&id) {
            diagnostics.push(check::duplicate("group", &entry.name.value, entry.name.span, first.span));
            continue;
        }
        let description = entry.description.as_ref();
        let description = description.map(|text| parser.description(package, Some(text), diagnostics));
        let group = Group {
            name: entry.name.value.clone(),
            package: package.clone(),
            original_file_path: entry.origin.path.clone(),
            description,
            owner: entry.owner.clone(),
            config: entry.config.clone(),
            span: entry.name.span,
        };
        groups.insert(id, group);
    }
    groups
}

/// The manifest of the drafts; of two under one id the first stands.
fn assemble(
    parser: &Parser<'_>,
    drafts: Vec<Node>,
    macros: BTreeMap<MacroId, Macro>,
    docs: Arc<BTreeMap<String, Doc>>,
    groups: BTreeMap<String, Group>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Manifest {
    let names = parser.packages.iter().map(Package::name);
    let order =
        |name: &str| parser.invocation.macros.search_order(name).into_iter().map(str::to_owned).collect();
    let mut manifest = Manifest {
        project: parser.invocation.root_package.clone(),
        macros,
        docs: Arc::unwrap_or_clone(docs),
        groups,
        packages: names.map(|name| (name.to_owned(), order(name))).collect(),
        ..Manifest::default()
    };
    for node in drafts {
        let is_enabled = node.config.is_enabled();
        let place = if is_enabled { &mut manifest.nodes } else { &mut manifest.disabled };
        match place.get(&node.id) {
            Some(first) if is_enabled => diagnostics.push(check::duplicate_node(&node, first)),
            Some(_) => {}
            None => {
                place.insert(node.id.clone(), node);
            }
        }
    }
    manifest.reindex();
    manifest
}

/// The same thing is said once: a bad value in a project file concerns every node below.
fn once_each(mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut seen = HashSet::new();
    diagnostics.retain(|diagnostic| {
        seen.insert((diagnostic.code(), diagnostic.message().to_owned(), diagnostic.span()))
    });
    diagnostics
}
