use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::{Map, Value};

use super::{Constraint, Node};

/// What a model promises of its table: columns, their types, and constraints. The same whether
/// it is read from a node or from the `manifest.json` of another time.
/// See <https://docs.getdbt.com/reference/resource-configs/contract>.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Contract {
    pub is_enforced: bool,
    /// A type by the name of its column, as written.
    pub columns: BTreeMap<String, Option<String>>,
    /// As in `manifest.json`, by column; those of the table under none.
    pub constraints: BTreeMap<Option<String>, Vec<Value>>,
    pub materialized: String,
}

/// Something a consumer of the model could have relied on and that is no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Breach {
    NoLongerEnforced,
    ColumnRemoved(String),
    TypeChanged {
        column: String,
        from: String,
        to: String,
    },
    /// Its type, and the column it was on.
    ConstraintRemoved {
        constraint: String,
        column: Option<String>,
    },
    /// The kind of relation enforces no constraints, where the old one did.
    MaterializationChanged {
        from: String,
        to: String,
    },
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoLongerEnforced => f.write_str("the contract is not enforced any more"),
            Self::ColumnRemoved(column) => write!(f, "the column `{column}` is removed"),
            Self::TypeChanged { column, from, to } => {
                write!(f, "the type of `{column}` is changed from {from} to {to}")
            }
            Self::ConstraintRemoved { constraint, column: Some(column) } => {
                write!(f, "the constraint `{constraint}` of the column `{column}` is removed")
            }
            Self::ConstraintRemoved { constraint, column: None } => {
                write!(f, "the constraint `{constraint}` is removed")
            }
            Self::MaterializationChanged { from, to } => {
                write!(f, "it is materialized as {to}, which enforces no constraints, in place of {from}")
            }
        }
    }
}

/// How a contract differs from an older one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContractChange {
    /// Whether it is another contract at all: `state:modified.contract`.
    pub is_changed: bool,
    /// What breaks promises.
    pub breaches: Vec<Breach>,
}

/// How a column differs between a query and the contract of its model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// The query gives it, and nothing is promised of it.
    MissingInContract,
    /// It is promised, and the query does not give it.
    MissingInQuery,
    Type,
}

impl Mismatch {
    /// As dbt's table of differences has it.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::MissingInContract => "missing in contract",
            Self::MissingInQuery => "missing in definition",
            Self::Type => "data type mismatch",
        }
    }
}

/// The columns, in order of name, that a contract promises otherwise than its query gives them,
/// whatever their place. A type that is not known differs from none.
#[must_use]
pub fn mismatches<'a>(
    promised: &'a BTreeMap<String, Option<String>>,
    given: &'a BTreeMap<String, Option<String>>,
) -> Vec<(&'a String, Mismatch)> {
    let names: BTreeSet<&String> = promised.keys().chain(given.keys()).collect();
    let mismatch = |name: &String| match (promised.get(name), given.get(name)) {
        (None, _) => Some(Mismatch::MissingInContract),
        (_, None) => Some(Mismatch::MissingInQuery),
        (Some(Some(one)), Some(Some(other))) if one != other => Some(Mismatch::Type),
        _ => None,
    };
    names.into_iter().filter_map(|name| Some((name, mismatch(name)?))).collect()
}

impl Contract {
    #[must_use]
    pub fn of(node: &Node) -> Self {
        let list = |constraints: &[Constraint]| constraints.iter().map(Constraint::to_json).collect();
        let mut constraints: BTreeMap<Option<String>, Vec<Value>> = BTreeMap::new();
        constraints.insert(None, node.model().map(|model| list(&model.constraints)).unwrap_or_default());
        for column in node.columns.values() {
            constraints.insert(Some(column.name.clone()), list(&column.constraints));
        }
        Self {
            is_enforced: node.has_enforced_contract(),
            columns: node
                .columns
                .values()
                .map(|column| (column.name.clone(), column.data_type.clone()))
                .collect(),
            constraints,
            materialized: node.config.materialized().to_owned(),
        }
    }

    /// The contract of a node of `manifest.json`.
    #[must_use]
    pub fn from_json(node: &Value) -> Self {
        let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
        let none = Map::new();
        let columns = node.get("columns").and_then(Value::as_object).unwrap_or(&none);
        let name =
            |key: &str, column: &Value| column.get("name").and_then(Value::as_str).unwrap_or(key).to_owned();
        let of_columns =
            columns.iter().map(|(key, column)| (Some(name(key, column)), list(column.get("constraints"))));
        let enforced = |key: &str| node.pointer(key).and_then(Value::as_bool);
        Self {
            is_enforced: enforced("/contract/enforced")
                .or_else(|| enforced("/config/contract/enforced"))
                .unwrap_or_default(),
            columns: columns
                .iter()
                .map(|(key, column)| {
                    let kind = column.get("data_type").and_then(Value::as_str).map(str::to_owned);
                    (name(key, column), kind)
                })
                .collect(),
            constraints: std::iter::once((None, list(node.get("constraints")))).chain(of_columns).collect(),
            materialized: node
                .pointer("/config/materialized")
                .and_then(Value::as_str)
                .unwrap_or("view")
                .to_owned(),
        }
    }

    /// What has changed since `old`. A contract that is newly enforced is another one and
    /// breaks nothing; neither does a column that is added.
    /// See <https://docs.getdbt.com/reference/resource-configs/contract#detecting-breaking-changes>.
    #[must_use]
    pub fn change_since(&self, old: &Self) -> ContractChange {
        if !old.is_enforced {
            return ContractChange { is_changed: self.is_enforced, breaches: Vec::new() };
        }
        if !self.is_enforced {
            return ContractChange { is_changed: true, breaches: vec![Breach::NoLongerEnforced] };
        }
        let mut breaches = Vec::new();
        for (column, kind) in &old.columns {
            match self.columns.get(column) {
                None => breaches.push(Breach::ColumnRemoved(column.clone())),
                Some(now) if !same_type(kind.as_deref(), now.as_deref()) => {
                    let shown = |kind: &Option<String>| kind.clone().unwrap_or_else(|| "none".to_owned());
                    let (from, to) = (shown(kind), shown(now));
                    breaches.push(Breach::TypeChanged { column: column.clone(), from, to });
                }
                Some(_) => {}
            }
        }
        let enforces = |contract: &Self| matches!(&*contract.materialized, "table" | "incremental");
        let had_constraints = old.constraints.values().any(|constraints| !constraints.is_empty());
        if enforces(old) {
            let none = Vec::new();
            for (column, constraints) in &old.constraints {
                // A column that is gone was told of.
                if column.as_ref().is_some_and(|column| !self.columns.contains_key(column)) {
                    continue;
                }
                let now: BTreeSet<String> =
                    self.constraints.get(column).unwrap_or(&none).iter().map(meaning).collect();
                for constraint in constraints.iter().filter(|constraint| !now.contains(&meaning(constraint)))
                {
                    let constraint = constraint.get("type").and_then(Value::as_str).unwrap_or_default();
                    let (constraint, column) = (constraint.to_owned(), column.clone());
                    breaches.push(Breach::ConstraintRemoved { constraint, column });
                }
            }
            if had_constraints && !enforces(self) {
                let (from, to) = (old.materialized.clone(), self.materialized.clone());
                breaches.push(Breach::MaterializationChanged { from, to });
            }
        }
        let is_changed = !breaches.is_empty() || !self.says_the_same(old);
        ContractChange { is_changed, breaches }
    }

    fn says_the_same(&self, other: &Self) -> bool {
        let said = |contract: &Self| -> Vec<(Option<String>, BTreeSet<String>)> {
            let all = contract.constraints.iter();
            let all = all.filter(|(_, constraints)| !constraints.is_empty());
            all.map(|(column, all)| (column.clone(), all.iter().map(meaning).collect())).collect()
        };
        self.columns.len() == other.columns.len()
            && self.columns.iter().zip(&other.columns).all(|((name, kind), (other_name, other_kind))| {
                name == other_name && same_type(kind.as_deref(), other_kind.as_deref())
            })
            && said(self) == said(other)
    }
}

fn same_type(one: Option<&str>, other: Option<&str>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.trim().eq_ignore_ascii_case(other.trim()),
        (one, other) => one == other,
    }
}

/// What a constraint demands, without its name and how loudly it is warned of.
fn meaning(constraint: &Value) -> String {
    let keys = ["type", "expression", "columns", "to", "to_columns"];
    let parts = keys.map(|key| match constraint.get(key) {
        None | Some(Value::Null) => String::new(),
        Some(Value::Array(items)) if items.is_empty() => String::new(),
        Some(value) => value.to_string(),
    });
    parts.join("\u{1f}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[allow(clippy::needless_pass_by_value, reason = "calls write their JSON in place")]
    fn contract(enforced: bool, columns: Value, constraints: Value, materialized: &str) -> Contract {
        Contract::from_json(&json!({
            "contract": {"enforced": enforced},
            "columns": columns,
            "constraints": constraints,
            "config": {"materialized": materialized},
        }))
    }

    fn told(old: &Contract, new: &Contract) -> (bool, Vec<String>) {
        let change = new.change_since(old);
        (change.is_changed, change.breaches.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn promises_that_are_taken_back_are_breaches_and_new_ones_are_not() {
        let not_null = json!([{"type": "not_null"}]);
        let columns = json!({
            "id": {"name": "id", "data_type": "integer", "constraints": not_null},
            "이름": {"name": "이름", "data_type": "text"},
        });
        let old =
            contract(true, columns.clone(), json!([{"type": "check", "expression": "id > 0"}]), "table");
        assert_eq!(told(&old, &old), (false, vec![]));

        let more = json!({
            "id": {"name": "id", "data_type": "INTEGER", "constraints": not_null},
            "이름": {"name": "이름", "data_type": "text"},
            "new": {"name": "new", "data_type": "date"},
        });
        let check = json!([{"type": "check", "expression": "id > 0", "name": "positive"}]);
        assert_eq!(told(&old, &contract(true, more, check, "table")), (true, vec![]));

        let less = json!({"id": {"name": "id", "data_type": "bigint"}});
        assert_eq!(
            told(&old, &contract(true, less, json!([]), "view")),
            (
                true,
                [
                    "the type of `id` is changed from integer to bigint",
                    "the column `이름` is removed",
                    "the constraint `check` is removed",
                    "the constraint `not_null` of the column `id` is removed",
                    "it is materialized as view, which enforces no constraints, in place of table",
                ]
                .map(str::to_owned)
                .to_vec()
            )
        );
    }

    #[test]
    fn enforcing_is_a_change_and_to_stop_it_a_breach() {
        let columns = json!({"id": {"name": "id", "data_type": "integer"}});
        let on = contract(true, columns.clone(), json!([]), "table");
        let off = contract(false, columns, json!([]), "table");
        assert_eq!(told(&off, &on), (true, vec![]));
        assert_eq!(told(&on, &off).1, ["the contract is not enforced any more"]);
        assert_eq!(told(&off, &off), (false, vec![]));
    }
}
