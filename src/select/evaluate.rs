use std::collections::BTreeSet;

use super::indirect::Bundle;
use super::{
    Criteria, Criterion, Definition, GraphOperator, IndirectSelection, Method, Pattern, Selection, Selector,
    Surroundings, Term,
};
use crate::diagnostic::{Checked, Code, Diagnostic};
use crate::manifest::{Node, NodeId, ResourceType};
use crate::state::{broken_contracts, compared_manifest};

/// The nodes that the criteria mean: the union of the words of `select` (the parts of a
/// word between commas intersect), without the union of those of `exclude`, of the
/// wanted resource types. A selector stands in for both; the default one where neither is
/// given. Hooks of the project are never among them.
///
/// Words that cannot be understood are errors and select nothing; a word that matches
/// nothing is a warning.
pub fn select(around: &Surroundings<'_>, criteria: &Criteria) -> Checked<Selection> {
    let mut evaluation = Evaluation {
        around,
        mode: criteria.indirect,
        path: Vec::new(),
        has_told_contracts: false,
        diagnostics: Vec::new(),
    };
    let chosen = evaluation.chosen(criteria);
    let selection = chosen
        .settled(around.manifest)
        .direct
        .into_iter()
        .filter(|id| around.manifest.node(id).is_some_and(|node| is_wanted(node.resource_type, criteria)))
        .collect();
    Checked::new(selection, evaluation.diagnostics)
}

fn is_wanted(kind: ResourceType, criteria: &Criteria) -> bool {
    (criteria.resource_types.is_empty() || criteria.resource_types.contains(&kind))
        && !criteria.exclude_resource_types.contains(&kind)
}

fn is_selectable(node: &Node) -> bool {
    !matches!(node.resource_type, ResourceType::Operation | ResourceType::SqlOperation)
}

/// A selection on its way.
struct Evaluation<'a> {
    around: &'a Surroundings<'a>,
    /// Which tests come along where a criterion says nothing of it.
    mode: IndirectSelection,
    /// The selectors that are being evaluated, each the reason of the next.
    path: Vec<String>,
    has_told_contracts: bool,
    diagnostics: Vec<Diagnostic>,
}

impl Evaluation<'_> {
    fn chosen(&mut self, criteria: &Criteria) -> Bundle {
        let selectors = self.around.selectors;
        if let Some(name) = &criteria.selector {
            if !criteria.select.is_empty() || !criteria.exclude.is_empty() {
                self.diagnostics.push(
                    Diagnostic::new(
                        Code::IgnoredSelection,
                        "`--select` and `--exclude` are ignored because `--selector` is given",
                    )
                    .help(format!("to combine them, write `--select selector:{name},…`")),
                );
            }
            let selected = selectors.get(name).and_then(|selector| self.selector(selector));
            return self.told(selected);
        }
        if criteria.select.is_empty()
            && criteria.exclude.is_empty()
            && let Some(selector) = selectors.stand_in()
        {
            let selected = self.selector(selector);
            return self.told(selected);
        }
        let included = if criteria.select.is_empty() {
            Bundle { direct: self.selectable(|_| true), waiting: BTreeSet::new() }
        } else {
            self.words(&criteria.select, self.mode)
        };
        // What tests an excluded node is excluded too, whatever the mode, as in dbt.
        let excluded = self.words(&criteria.exclude, IndirectSelection::Eager);
        included.without(&excluded)
    }

    /// The bundle, or an empty one and an error to be told.
    fn told(&mut self, bundle: Result<Bundle, Diagnostic>) -> Bundle {
        bundle.unwrap_or_else(|error| {
            self.diagnostics.push(error);
            Bundle::default()
        })
    }

    fn selectable(&self, is_meant: impl Fn(&Node) -> bool) -> BTreeSet<NodeId> {
        let nodes = self.around.manifest.nodes.values();
        nodes.filter(|node| is_selectable(node) && is_meant(node)).map(|node| node.id.clone()).collect()
    }

    /// The union of the words of an option.
    fn words(&mut self, arguments: &[String], mode: IndirectSelection) -> Bundle {
        let mut all = Bundle::default();
        for word in arguments.iter().flat_map(|argument| argument.split_whitespace()) {
            let word = self.word(word, mode);
            all = all.or(self.told(word));
        }
        all.settled(self.around.manifest)
    }

    /// One word with the parts between its commas; when it matches nothing, that is told.
    fn word(&mut self, word: &str, mode: IndirectSelection) -> Result<Bundle, Diagnostic> {
        let mut parts: Vec<(Criterion, Bundle)> = Vec::new();
        for part in word.split(',') {
            let evaluated = Criterion::parse(part).and_then(|criterion| {
                let bundle = self.criterion(&criterion, mode)?;
                Ok((criterion, bundle))
            });
            parts.push(evaluated.map_err(|error| {
                if part == word { error } else { error.note(format!("it is a part of `{word}`")) }
            })?);
        }
        let first_empty = parts.iter().position(|(_, bundle)| bundle.direct.is_empty());
        let criteria: Vec<Criterion> = parts.iter().map(|(criterion, _)| criterion.clone()).collect();
        let bundle = parts.into_iter().map(|(_, bundle)| bundle).reduce(|all, next| all.and(&next));
        let bundle = bundle.unwrap_or_default().settled(self.around.manifest);
        if bundle.direct.is_empty() {
            let empty = first_empty.and_then(|at| criteria.get(at));
            self.diagnostics.push(self.nothing(word, empty, criteria.len()));
        }
        Ok(bundle)
    }

    /// What a criterion names, what its operators reach, and the tests that come along.
    fn criterion(&mut self, criterion: &Criterion, mode: IndirectSelection) -> Result<Bundle, Diagnostic> {
        if let Method::Selector(pattern) = &criterion.method {
            // Which tests come along is said in the selector; operators bring no more of them.
            let mut bundle = self.named(pattern)?;
            let reached = self.reach(&bundle.direct, &criterion.operators);
            bundle.direct.extend(reached);
            return Ok(bundle);
        }
        self.tell_broken_contracts(&criterion.method)?;
        let named = match criterion.method.find(self.around)? {
            Some(found) => found,
            None => self.selectable(|node| criterion.method.matches(self.around.manifest, node)),
        };
        let mut all = self.reach(&named, &criterion.operators);
        all.extend(named);
        Ok(Bundle::new(self.around.manifest, all, mode))
    }

    /// Where contracts are compared, broken ones are told, once.
    fn tell_broken_contracts(&mut self, method: &Method) -> Result<(), Diagnostic> {
        if method.compares_contracts() && !self.has_told_contracts {
            self.has_told_contracts = true;
            let earlier = compared_manifest(self.around.previous)?;
            self.diagnostics.extend(broken_contracts(earlier, self.around.manifest));
        }
        Ok(())
    }

    fn reach(&self, named: &BTreeSet<NodeId>, operators: &[GraphOperator]) -> BTreeSet<NodeId> {
        let manifest = self.around.manifest;
        let mut all = BTreeSet::new();
        for operator in operators {
            all.extend(operator.reach(manifest, named));
        }
        all.retain(|id| manifest.node(id).is_some_and(is_selectable));
        all
    }

    /// What the selectors of those names mean.
    fn named(&mut self, pattern: &Pattern) -> Result<Bundle, Diagnostic> {
        let selectors = self.around.selectors;
        if !pattern.has_wildcard() {
            return self.selector(selectors.get(pattern.as_str())?);
        }
        let mut all = Bundle::default();
        for selector in selectors.matching(pattern) {
            all = all.or(self.selector(selector)?);
        }
        Ok(all)
    }

    fn selector(&mut self, selector: &Selector) -> Result<Bundle, Diagnostic> {
        let name = &selector.name.value;
        let loops = self.path.contains(name);
        self.path.push(name.clone());
        if loops {
            let path = self.path.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" → ");
            return Err(Diagnostic::new(
                Code::InvalidSelector,
                format!("selectors go round in a circle: {path}"),
            )
            .label(selector.name.span, "this selector needs itself")
            .help("take one of them out of the definition of another"));
        }
        let bundle = self.definition(&selector.definition, self.mode);
        self.path.pop();
        bundle
    }

    fn definition(&mut self, definition: &Definition, mode: IndirectSelection) -> Result<Bundle, Diagnostic> {
        let (bundle, exclude) = match definition {
            Definition::Term(term) => (self.term(term, mode)?, &term.exclude),
            Definition::Union { parts, exclude } => (self.union(parts, mode)?, exclude),
            Definition::Intersection { parts, exclude } => {
                let mut all: Option<Bundle> = None;
                for part in parts {
                    let part = self.definition(part, mode)?;
                    all = Some(all.map_or(part.clone(), |all| all.and(&part)));
                }
                (all.unwrap_or_default(), exclude)
            }
        };
        let excluded = self.union(exclude, IndirectSelection::Eager)?;
        Ok(bundle.without(&excluded).settled(self.around.manifest))
    }

    fn union(&mut self, parts: &[Definition], mode: IndirectSelection) -> Result<Bundle, Diagnostic> {
        let mut all = Bundle::default();
        for part in parts {
            all = all.or(self.definition(part, mode)?);
        }
        Ok(all)
    }

    fn term(&mut self, term: &Term, mode: IndirectSelection) -> Result<Bundle, Diagnostic> {
        let bundle = self.criterion(&term.criterion, term.indirect.unwrap_or(mode));
        bundle.map_err(|error| match error.span() {
            None => error.label(term.span, "in this definition"),
            Some(_) => error,
        })
    }

    /// `word` matches nothing; `empty` is the part of it that matches nothing by itself.
    fn nothing(&self, word: &str, empty: Option<&Criterion>, parts: usize) -> Diagnostic {
        let manifest = self.around.manifest;
        let message = format!("The selection criterion '{word}' does not match any enabled nodes");
        let mut warning = Diagnostic::new(Code::NoNodesSelected, message);
        let Some(criterion) = empty else {
            return warning.note("each of its parts matches something, but no node matches all of them");
        };
        if parts > 1 {
            warning = warning.note(format!("it is `{}` that matches nothing", criterion.raw));
        }
        let is_off = |node: &&Node| criterion.method.matches(manifest, node);
        if let Some(node) = manifest.disabled.values().find(is_off) {
            let kind = node.resource_type.name();
            return warning.help(format!("the {kind} `{}` is disabled: `enabled: false`", node.name));
        }
        warning.help(criterion.method.suggestion(manifest))
    }
}
