//! The methods of selection, one a file; each says whether a node is meant.

mod access;
mod config;
mod file;
mod fqn;
mod group;
mod named;
mod package;
mod path;
mod resource_type;
mod result;
mod source;
mod source_status;
mod state;
mod tag;
mod test_name;
mod test_type;
mod version;

use std::collections::BTreeSet;

use self::config::ConfigMethod;
use self::fqn::FqnMethod;
use self::named::NamedMethod;
use self::path::PathMethod;
use self::result::ResultMethod;
use self::source::SourceMethod;
use self::state::StateMethod;
use self::test_type::TestType;
use self::version::VersionMethod;
use super::{Pattern, Surroundings};
use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::manifest::{Manifest, Node, NodeId, ResourceType};
use crate::state::Aspect;

/// A method and its value, ready to be asked about nodes.
/// See <https://docs.getdbt.com/reference/node-selection/methods>.
#[derive(Clone, Debug, PartialEq)]
pub enum Method {
    Access(String),
    Config(ConfigMethod),
    File(Pattern),
    Fqn(FqnMethod),
    Group(Pattern),
    /// `exposure`, `metric` and others that are known by package and name.
    Named(NamedMethod),
    Package(Pattern),
    Path(PathMethod),
    ResourceType(ResourceType),
    Result(ResultMethod),
    /// The nodes of named selectors.
    Selector(Pattern),
    Source(SourceMethod),
    /// Sources that have newer rows than before.
    SourceStatus,
    State(StateMethod),
    Tag(Pattern),
    TestName(Pattern),
    TestType(TestType),
    Version(VersionMethod),
}

impl Method {
    /// A method with its value.
    ///
    /// # Errors
    /// `invalid-selector` when the value is none that the method knows; `raw` is the
    /// criterion as written.
    pub(super) fn new(raw: &str, name: MethodName, value: &str) -> Result<Self, Diagnostic> {
        Ok(match name {
            MethodName::Access => Self::Access(value.to_owned()),
            MethodName::Config(keys) => Self::Config(ConfigMethod::new(keys, value)),
            MethodName::File => Self::File(Pattern::new(value)),
            MethodName::Fqn => Self::Fqn(FqnMethod::new(value)),
            MethodName::Group => Self::Group(Pattern::new(value)),
            MethodName::Named(kind) => Self::Named(NamedMethod::new(raw, kind, value)?),
            MethodName::Package => Self::Package(Pattern::new(value)),
            MethodName::Path => Self::Path(PathMethod::new(value)),
            MethodName::ResourceType => Self::ResourceType(resource_type::parse(raw, value)?),
            MethodName::Result => Self::Result(ResultMethod::new(raw, value)?),
            MethodName::Selector => Self::Selector(Pattern::new(value)),
            MethodName::Source => Self::Source(SourceMethod::new(raw, value)?),
            MethodName::SourceStatus => source_status::parse(raw, value).map(|()| Self::SourceStatus)?,
            MethodName::State => Self::State(StateMethod::new(raw, value)?),
            MethodName::Tag => Self::Tag(Pattern::new(value)),
            MethodName::TestName => Self::TestName(Pattern::new(value)),
            MethodName::TestType => Self::TestType(TestType::parse(raw, value)?),
            MethodName::Version => Self::Version(VersionMethod::parse(raw, value)?),
        })
    }

    /// Whether it looks at what became of contracts.
    pub(super) fn compares_contracts(&self) -> bool {
        matches!(self, Self::State(StateMethod::Modified(None | Some(Aspect::Contract))))
    }

    /// The nodes that are meant, where that is more than a question to each node; `None` where
    /// [`matches`](Method::matches) tells.
    ///
    /// # Errors
    /// What the method compares with is not there.
    pub(super) fn find(&self, around: &Surroundings<'_>) -> Result<Option<BTreeSet<NodeId>>, Diagnostic> {
        match self {
            Self::Result(result) => result.find(around).map(Some),
            Self::SourceStatus => source_status::find(around).map(Some),
            Self::State(state) => state.find(around).map(Some),
            _ => Ok(None),
        }
    }

    /// Whether the node is meant; no node is where `find` tells.
    #[must_use]
    pub fn matches(&self, manifest: &Manifest, node: &Node) -> bool {
        match self {
            Self::Access(access) => access::matches(access, node),
            Self::Config(config) => config.matches(node),
            Self::File(pattern) => file::matches(pattern, node),
            Self::Fqn(fqn) => fqn.matches(node),
            Self::Group(pattern) => group::matches(pattern, node),
            Self::Named(named) => named.matches(node),
            Self::Package(pattern) => package::matches(pattern, manifest, node),
            Self::Path(path) => path.matches(node),
            Self::ResourceType(kind) => node.resource_type == *kind,
            Self::Result(_) | Self::Selector(_) | Self::SourceStatus | Self::State(_) => false,
            Self::Source(source) => source.matches(node),
            Self::Tag(pattern) => tag::matches(pattern, node),
            Self::TestName(pattern) => test_name::matches(pattern, node),
            Self::TestType(kind) => kind.matches(node),
            Self::Version(kind) => kind.matches(node),
        }
    }

    /// What the user may have meant when nothing matched: a help line.
    #[must_use]
    pub fn suggestion(&self, manifest: &Manifest) -> Option<String> {
        let nodes = || manifest.nodes.values();
        match self {
            Self::File(pattern) => suggest::similar("file", pattern.as_str(), nodes().map(file::name)),
            Self::Fqn(fqn) => fqn.suggestion(manifest),
            Self::Group(pattern) => suggest::similar(
                "group",
                pattern.as_str(),
                manifest.groups.values().map(|group| group.name.as_str()),
            ),
            Self::Named(named) => named.suggestion(manifest),
            Self::Package(pattern) => {
                suggest::similar("package", pattern.as_str(), manifest.packages.keys().map(String::as_str))
            }
            Self::Path(path) => path.suggestion(manifest),
            Self::Source(source) => source.suggestion(manifest),
            Self::Tag(pattern) => suggest::similar(
                "tag",
                pattern.as_str(),
                nodes().flat_map(|node| node.tags.iter().map(String::as_str)),
            ),
            Self::TestName(pattern) => suggest::similar(
                "generic test",
                pattern.as_str(),
                nodes().filter_map(|node| test_name::of(node)),
            ),
            Self::Access(_)
            | Self::Config(_)
            | Self::ResourceType(_)
            | Self::Result(_)
            | Self::Selector(_)
            | Self::SourceStatus
            | Self::State(_)
            | Self::TestType(_)
            | Self::Version(_) => None,
        }
    }
}

/// The name before the colon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum MethodName {
    Access,
    /// With the keys after `config.`.
    Config(Vec<String>),
    File,
    Fqn,
    Group,
    /// A kind of node that is known by package and name.
    Named(ResourceType),
    Package,
    Path,
    ResourceType,
    Result,
    Selector,
    Source,
    SourceStatus,
    State,
    Tag,
    TestName,
    TestType,
    Version,
}

/// As written, for suggestions.
const NAMES: [&str; 23] = [
    "access",
    "config",
    "exposure",
    "file",
    "fqn",
    "function",
    "group",
    "metric",
    "package",
    "path",
    "resource_type",
    "result",
    "saved_query",
    "selector",
    "semantic_model",
    "source",
    "source_status",
    "state",
    "tag",
    "test_name",
    "test_type",
    "unit_test",
    "version",
];

impl MethodName {
    /// From what stands before the colon.
    ///
    /// # Errors
    /// `invalid-selector`; `raw` is the criterion as written.
    pub(super) fn parse(raw: &str, written: &str) -> Result<Self, Diagnostic> {
        let (name, keys) = match written.split_once('.') {
            Some((name, keys)) => (name, Some(keys)),
            None => (written, None),
        };
        let method = match name {
            "config" => {
                let keys: Vec<String> = keys.unwrap_or_default().split('.').map(str::to_owned).collect();
                if keys.iter().any(String::is_empty) {
                    let message = format!("`{raw}` does not say which config it means");
                    return Err(Diagnostic::new(Code::InvalidSelector, message)
                        .help("write the key after a dot: `config.materialized:table`"));
                }
                return Ok(Self::Config(keys));
            }
            "access" => Self::Access,
            "exposure" => Self::Named(ResourceType::Exposure),
            "file" => Self::File,
            "fqn" => Self::Fqn,
            "function" => Self::Named(ResourceType::Function),
            "group" => Self::Group,
            "metric" => Self::Named(ResourceType::Metric),
            "package" => Self::Package,
            "path" => Self::Path,
            "resource_type" => Self::ResourceType,
            "result" => Self::Result,
            "saved_query" => Self::Named(ResourceType::SavedQuery),
            "selector" => Self::Selector,
            "semantic_model" => Self::Named(ResourceType::SemanticModel),
            "source" => Self::Source,
            "source_status" => Self::SourceStatus,
            "state" => Self::State,
            "tag" => Self::Tag,
            "test_name" => Self::TestName,
            "test_type" => Self::TestType,
            "unit_test" => Self::Named(ResourceType::UnitTest),
            "version" => Self::Version,
            _ => {
                let message = format!("`{name}` in `{raw}` is not a selection method");
                let help = suggest::nearest(name, NAMES).map_or_else(
                    || format!("the methods are {}", listed(&NAMES)),
                    |found| format!("a method with a similar name exists: `{found}`"),
                );
                return Err(Diagnostic::new(Code::InvalidSelector, message).help(help));
            }
        };
        match keys {
            None => Ok(method),
            Some(keys) => {
                let message = format!("the method `{name}` in `{raw}` takes nothing after a dot");
                Err(Diagnostic::new(Code::InvalidSelector, message)
                    .help(format!("leave out `.{keys}`; only `config` has keys")))
            }
        }
    }

    /// The name of the method of a value that stands alone, as dbt guesses it.
    pub(super) fn guess(value: &str) -> &'static str {
        let lower = value.to_lowercase();
        if value.contains(['/', '\\']) {
            "path"
        } else if [".sql", ".csv", ".py"].iter().any(|ending| lower.ends_with(ending)) {
            "file"
        } else {
            "fqn"
        }
    }
}

/// `a`, `b`, `c`
fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
