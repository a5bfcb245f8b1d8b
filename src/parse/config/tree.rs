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
                    let rendered = renderer.config(name, value, diagnostics);
                    level.set_written(name, rendered, value.to_json(), Some(key.span));
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
    pub(in crate::parse) fn unused(&self, fqns: &[&[String]]) -> Vec<(String, &Spanned<String>)> {
        let mut unused = Vec::new();
        for (name, below) in &self.below {
            let inside: Vec<&[String]> = fqns
                .iter()
                .filter_map(|fqn| fqn.split_first())
                .filter(|(first, _)| **first == name.value)
                .map(|(_, rest)| rest)
                .collect();
            if !inside.is_empty() {
                let deeper = below.unused(&inside).into_iter();
                unused.extend(deeper.map(|(path, last)| (format!("{}.{path}", name.value), last)));
            } else if below.has_settings() {
                unused.push((name.value.clone(), name));
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
        let mut unused = Vec::new();
        for ((package, kind), tree) in &self.trees {
            if *package == self.root {
                let none = Vec::new();
                let found = tree.unused(fqns.get(kind).unwrap_or(&none));
                unused.extend(found.into_iter().map(|(path, name)| (*kind, path, name)));
            }
        }
        unused_warning(&unused).into_iter().collect()
    }
}

/// One warning for all paths, as in dbt.
fn unused_warning(unused: &[(ResourceType, String, &Spanned<String>)]) -> Option<Diagnostic> {
    let (kind, _, name) = unused.first()?;
    let message = match unused {
        [_] => format!("the configuration `{}` matches no {}", name.value, kind.name()),
        _ => format!("{} configurations match nothing", unused.len()),
    };
    let paths: Vec<_> = unused.iter().map(|(kind, path, _)| format!("{}.{path}", key_of(*kind))).collect();
    let mut warning = Diagnostic::new(Code::UnusedConfigPath, message)
        .said(format!(
            "Configuration paths exist in your dbt_project.yml file which do not apply to any resources.\n\
             There are {} unused configuration paths:\n- {}",
            paths.len(),
            paths.join("\n- ")
        ))
        .fact("unused_config_paths", paths);
    let hint = |kind: ResourceType, name: &str| {
        let is_config = super::defaults::defaults(kind).contains_key(name);
        is_config.then(|| format!("to set the config, write `+{name}`"))
    };
    for (kind, _, name) in unused {
        let text = match unused {
            [_] => String::new(),
            _ => hint(*kind, name).unwrap_or_else(|| format!("no {} here", kind.name())),
        };
        warning = warning.label(name.span, text);
    }
    let general = || "below a package's name, levels are the folders the files are in".to_owned();
    let hint = if unused.len() == 1 { hint(*kind, name) } else { None };
    Some(warning.help(hint.unwrap_or_else(general)))
}

/// The key of the project file for a kind of node.
fn key_of(kind: ResourceType) -> &'static str {
    match kind {
        ResourceType::Model => "models",
        ResourceType::Seed => "seeds",
        ResourceType::Test => "data_tests",
        ResourceType::Source => "sources",
        ResourceType::Snapshot => "snapshots",
        ResourceType::Exposure => "exposures",
        ResourceType::Analysis => "analyses",
        kind => kind.name(),
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
        "unit_tests" => ResourceType::UnitTest,
        "analyses" => ResourceType::Analysis,
        "functions" => ResourceType::Function,
        "semantic_models" => ResourceType::SemanticModel,
        "metrics" => ResourceType::Metric,
        "saved_queries" => ResourceType::SavedQuery,
        _ => return None,
    })
}
