use std::collections::BTreeMap;

use super::RULES;
use crate::diagnostic::{Checked, Code, Diagnostic, Severity, suggest};
use crate::text::Spanned;
use crate::yaml::{Yaml, YamlKind};

/// How much a rule counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Off,
    Warning,
    Error,
}

/// Keys that mean several rules.
const GROUPS: [&str; 2] = ["all", "recommended"];

/// The level of every rule.
#[derive(Clone, Debug)]
pub struct Levels {
    levels: BTreeMap<Code, Level>,
}

impl Default for Levels {
    fn default() -> Self {
        Self { levels: RULES.iter().map(|rule| (rule.code, rule.default)).collect() }
    }
}

impl Level {
    const NAMES: [&str; 3] = ["error", "warning", "off"];

    /// From a value in YAML, where a plain `off` is the boolean.
    fn read(yaml: &Yaml) -> Option<Self> {
        match &yaml.kind {
            YamlKind::Bool(false) => Some(Self::Off),
            YamlKind::Text(text) => match text.as_str() {
                "off" => Some(Self::Off),
                "warn" | "warning" => Some(Self::Warning),
                "error" => Some(Self::Error),
                _ => None,
            },
            _ => None,
        }
    }

    /// How loud what the rule says is; `None` when it says nothing.
    #[must_use]
    pub fn severity(self) -> Option<Severity> {
        match self {
            Self::Off => None,
            Self::Warning => Some(Severity::Warning),
            Self::Error => Some(Severity::Error),
        }
    }
}

impl Levels {
    /// From the `rules` of the root project's file. `all` counts first, then `recommended`, then
    /// the rules by name, whatever their order.
    pub fn read(yaml: Option<&Yaml>) -> Checked<Self> {
        let mut levels = Self::default();
        let mut told = Vec::new();
        let Some(yaml) = yaml.filter(|yaml| yaml.kind != YamlKind::Null) else {
            return Checked::new(levels, told);
        };
        let Some(mapping) = yaml.as_mapping() else {
            told.push(
                Diagnostic::new(Code::InvalidProject, "the rules are not a mapping")
                    .label(yaml.place(), format!("this is {}", yaml.describe()))
                    .help("write a rule and its level on each line: `select-star: warning`"),
            );
            return Checked::new(levels, told);
        };
        let mut named: Vec<(&Spanned<String>, &Yaml)> =
            mapping.entries.iter().map(|(key, value)| (key, value)).collect();
        named.sort_by_key(|(key, _)| GROUPS.iter().position(|group| key.value == *group).unwrap_or(2));
        for (key, value) in named {
            let Some(level) = Level::read(value) else {
                let text = value.scalar_text().unwrap_or_default();
                told.push(
                    Diagnostic::new(
                        Code::InvalidProject,
                        format!(
                            "the level of the rule `{}` is not one of {}",
                            key.value,
                            Level::NAMES.join(", ")
                        ),
                    )
                    .label(value.place(), "")
                    .help(suggest::similar("level", &text, Level::NAMES)),
                );
                continue;
            };
            let mut is_there = key.value == "all" || key.value == "recommended";
            for rule in RULES {
                let is_meant = match key.value.as_str() {
                    "all" => true,
                    "recommended" => rule.is_recommended,
                    name => rule.code.name() == name,
                };
                if is_meant {
                    is_there = true;
                    levels.levels.insert(rule.code, level);
                }
            }
            if !is_there {
                told.push(unknown(&key.value).label(key.span, ""));
            }
        }
        Checked::new(levels, told)
    }

    #[must_use]
    pub fn of(&self, code: Code) -> Level {
        self.levels.get(&code).copied().unwrap_or(Level::Off)
    }
}

/// Says that there is no rule of that name.
fn unknown(name: &str) -> Diagnostic {
    let similar = suggest::similar("rule", name, RULES.iter().map(|rule| rule.code.name()).chain(GROUPS));
    Diagnostic::new(Code::UnknownRule, format!("there is no rule `{name}`")).help(similar.unwrap_or_else(
        || {
            let names: Vec<_> = RULES.iter().map(|rule| rule.code.name()).collect();
            format!("the rules are {}", names.join(", "))
        },
    ))
}
