use std::collections::BTreeMap;

use super::{Level, check};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::ResourceType;
use crate::parse::properties::Renderer;
use crate::project::Package;
use crate::text::Spanned;
use crate::yaml::{Yaml, YamlKind};

/// The configuration of one kind of node in a project file: what is said at this level,
/// and the levels below, by package and then by folder.
#[derive(Clone, Debug, Default)]
pub struct ConfigTree {
    level: Level,
    below: Vec<(Spanned<String>, ConfigTree)>,
}

impl ConfigTree {
    /// Reads a tree. A key with `+` before it is a config, one with a mapping as its value
    /// a level, any other a config.
    /// See <https://docs.getdbt.com/reference/resource-configs/plus-prefix>.
    pub(in crate::parse) fn new(
        kind: ResourceType,
        yaml: &Yaml,
        renderer: &Renderer<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Self {
        let mut tree = Self::default();
        let mapping = match &yaml.kind {
            YamlKind::Mapping(mapping) => mapping,
            YamlKind::Null => return tree,
            _ => {
                let message = format!("the configuration of {}s must be a mapping", kind.name());
                diagnostics.push(
                    Diagnostic::new(Code::InvalidConfig, message)
                        .label(yaml.span, format!("this is {}", yaml.describe())),
                );
                return tree;
            }
        };
        let mut level = Level::default();
        for (key, value) in &mapping.entries {
            match (key.value.strip_prefix('+'), &value.kind) {
                (None, YamlKind::Mapping(_)) => {
                    tree.below.push((key.clone(), Self::new(kind, value, renderer, diagnostics)));
                }
                (plus, _) => {
                    let name = plus.unwrap_or(&key.value).trim();
                    level.set(name, renderer.config(name, value, diagnostics), Some(key.span));
                }
            }
        }
        let what = format!("the {}s of the project file", kind.name());
        tree.level = check(kind, &what, level, diagnostics);
        tree
    }

    /// The levels that are about the node of that name, outermost first.
    pub(in crate::parse) fn levels(&self, fqn: &[String]) -> Vec<&Level> {
        let mut levels = vec![&self.level];
        let mut at = self;
        for segment in fqn {
            let Some((_, below)) = at.below.iter().find(|(name, _)| name.value == *segment) else { break };
            levels.push(&below.level);
            at = below;
        }
        levels
    }

    /// The levels that no node is at, only the outermost of each.
    pub(in crate::parse) fn unused(&self, fqns: &[&[String]]) -> Vec<&Spanned<String>> {
        let mut unused = Vec::new();
        for (name, below) in &self.below {
            let inside: Vec<&[String]> = fqns
                .iter()
                .filter_map(|fqn| fqn.split_first())
                .filter(|(first, _)| **first == name.value)
                .map(|(_, rest)| rest)
                .collect();
            if !inside.is_empty() {
                unused.extend(below.unused(&inside));
            } else if below.has_settings() {
                unused.push(name);
            }
        }
        unused
    }

    fn has_settings(&self) -> bool {
        !self.level.is_empty() || self.below.iter().any(|(_, below)| below.has_settings())
    }
}

/// The configuration trees of all packages.
#[derive(Clone, Debug, Default)]
pub struct ProjectConfigs {
    trees: BTreeMap<(String, ResourceType), ConfigTree>,
    root: String,
}

impl ProjectConfigs {
    /// Reads the trees of every package's project file with the renderer of the package.
    pub(in crate::parse) fn new<'a>(
        packages: &[Package],
        root: &str,
        renderer: impl Fn(&str) -> Option<Renderer<'a>>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Self {
        let mut trees = BTreeMap::new();
        for package in packages.iter().filter(|package| !package.is_builtin) {
            let Some(renderer) = renderer(package.name()) else { continue };
            for (key, yaml) in &package.config.config_yaml {
                let Some(kind) = kind(key) else { continue };
                let tree = ConfigTree::new(kind, yaml, &renderer, diagnostics);
                let place =
                    trees.entry((package.name().to_owned(), kind)).or_insert_with(ConfigTree::default);
                place.level.settings.extend(tree.level.settings);
                place.below.extend(tree.below);
            }
        }
        Self { trees, root: root.to_owned() }
    }

    /// What the package's own project file says about one of its nodes.
    pub(in crate::parse) fn own(&self, package: &str, kind: ResourceType, fqn: &[String]) -> Vec<&Level> {
        let tree = self.trees.get(&(package.to_owned(), kind));
        tree.map(|tree| tree.levels(fqn)).unwrap_or_default()
    }

    /// What the root project's file says about a node of another package.
    pub(in crate::parse) fn of_root(&self, package: &str, kind: ResourceType, fqn: &[String]) -> Vec<&Level> {
        if package == self.root { Vec::new() } else { self.own(&self.root, kind, fqn) }
    }

    /// Warnings about the levels of the root project's file that no node is at.
    pub(in crate::parse) fn unused(&self, fqns: &BTreeMap<ResourceType, Vec<&[String]>>) -> Vec<Diagnostic> {
        let mut warnings = Vec::new();
        for ((package, kind), tree) in &self.trees {
            if *package != self.root {
                continue;
            }
            let none = Vec::new();
            for name in tree.unused(fqns.get(kind).unwrap_or(&none)) {
                warnings.push(unused_warning(*kind, name));
            }
        }
        warnings
    }
}

fn unused_warning(kind: ResourceType, name: &Spanned<String>) -> Diagnostic {
    let message = format!("the configuration `{}` matches no {}", name.value, kind.name());
    let warning = Diagnostic::new(Code::UnusedConfigPath, message).label(name.span, "");
    if super::defaults::defaults(kind).contains_key(name.value.as_str()) {
        warning.help(format!("to set the config, write `+{}`", name.value))
    } else {
        warning.help("below a package's name, levels are the folders the files are in")
    }
}

/// The kind of node that a key of the project file configures.
fn kind(key: &str) -> Option<ResourceType> {
    Some(match key {
        "models" => ResourceType::Model,
        "seeds" => ResourceType::Seed,
        "tests" | "data_tests" => ResourceType::Test,
        "sources" => ResourceType::Source,
        "snapshots" => ResourceType::Snapshot,
        "exposures" => ResourceType::Exposure,
        "analyses" => ResourceType::Analysis,
        _ => return None,
    })
}
