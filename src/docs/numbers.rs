use std::collections::{BTreeSet, HashMap};

use super::Material;
use super::contract::Id;
use crate::manifest::{Group, Macro, MacroId, Manifest, Node, ResourceType};

/// What has a page.
#[derive(Clone, Copy, Debug)]
pub(super) enum Item<'a> {
    Node(&'a Node),
    Macro(&'a Macro),
    Group(&'a str, &'a Group),
}

impl<'a> Item<'a> {
    pub(super) fn unique_id(self) -> &'a str {
        match self {
            Self::Node(node) => node.id.as_str(),
            Self::Macro(one) => one.id.as_str(),
            Self::Group(id, _) => id,
        }
    }

    pub(super) fn node(self) -> Option<&'a Node> {
        match self {
            Self::Node(node) => Some(node),
            _ => None,
        }
    }
}

/// All that has a page, in order of unique id, and the number of each.
pub(super) struct Numbers<'a> {
    pub items: Vec<Item<'a>>,
    by_id: HashMap<&'a str, Id>,
}

impl<'a> Numbers<'a> {
    /// Of xform's own macros only those that something calls directly: people did not write them,
    /// and there are hundreds.
    pub(super) fn new(material: &Material<'a>) -> Self {
        let manifest: &'a Manifest = material.manifest;
        let is_own = |one: &Macro| material.packages.contains(one.package.as_str());
        let of_nodes = manifest.nodes.values().flat_map(|node| &node.depends_on_macros);
        let of_macros = manifest.macros.values().filter(|one| is_own(one));
        let called: BTreeSet<&str> =
            of_nodes.chain(of_macros.flat_map(|one| &one.depends_on_macros)).map(MacroId::as_str).collect();
        let nodes = manifest.nodes.values().filter(|node| node.resource_type != ResourceType::SqlOperation);
        let macros = manifest.macros.values();
        let macros = macros.filter(|one| is_own(one) || called.contains(one.id.as_str()));
        let groups = manifest.groups.iter().map(|(id, group)| Item::Group(id, group));
        let mut items: Vec<Item<'a>> =
            nodes.map(Item::Node).chain(macros.map(Item::Macro)).chain(groups).collect();
        items.sort_by_key(|item| item.unique_id());
        let by_id = items.iter().enumerate().map(|(id, item)| (item.unique_id(), id)).collect();
        Self { items, by_id }
    }

    pub(super) fn find(&self, unique_id: &str) -> Option<Id> {
        self.by_id.get(unique_id).copied()
    }

    /// The numbers of those that have one, in order, each once.
    pub(super) fn all<'b>(&self, unique_ids: impl Iterator<Item = &'b str>) -> Vec<Id> {
        let found: BTreeSet<Id> = unique_ids.filter_map(|id| self.find(id)).collect();
        found.into_iter().collect()
    }
}
