//! What is said of names that mean nothing or too much.

use std::rc::Rc;

use super::Problem;
use super::resolver::Resolver;
use super::scope::{Entry, Origin, Relation, key};
use crate::diagnostic::{Code, suggest};
use crate::sql::Dialect;
use crate::sql::tree::{Name, TextRange};

/// "a column with a similar name exists", or the columns themselves when they are few.
pub(super) fn similar<'n>(name: &str, columns: impl Iterator<Item = &'n str> + Clone) -> Option<String> {
    if let Some(help) = suggest::similar("column", name, columns.clone()) {
        return Some(help);
    }
    let all: Vec<&str> = columns.collect();
    match all.as_slice() {
        [] => None,
        [one] => Some(format!("the only column is `{one}`")),
        few if few.len() <= 10 => {
            let quoted: Vec<String> = few.iter().map(|name| format!("`{name}`")).collect();
            Some(format!("the columns are {}", quoted.join(", ")))
        }
        _ => None,
    }
}

fn count_columns(relation: &Relation) -> String {
    match relation.columns.len() {
        0 => "no columns".to_owned(),
        1 => "one column".to_owned(),
        count => format!("{count} columns"),
    }
}

pub(super) fn written(path: &[Name]) -> String {
    path.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join(".")
}

impl Resolver<'_> {
    pub fn problem(&mut self, problem: Problem) {
        self.met.wrong = true;
        self.problems.push(problem);
    }

    /// The same name in the same scope was complained about: only the place is added.
    fn is_known_complaint(&mut self, scope: usize, name: &str, at: TextRange) -> bool {
        let known = self.complained.get(&(scope, key(name))).copied();
        let Some(problem) = known.and_then(|known| self.problems.get_mut(known)) else {
            let next = self.problems.len();
            self.complained.insert((scope, key(name)), next);
            return false;
        };
        self.met.wrong = true;
        if problem.at != at && !problem.also.iter().any(|(place, _)| *place == at) {
            problem.also.push((at, "here too".to_owned()));
        }
        true
    }

    /// Where a relation that is defined in this text is defined.
    fn definition(&self, relation: &Relation) -> Vec<(TextRange, String)> {
        match relation.origin {
            Origin::Cte(cte) => {
                let cte = &self.ctes[cte];
                vec![(cte.at, format!("`{}` is defined here", cte.name))]
            }
            _ => Vec::new(),
        }
    }

    /// `t.a`, where `t` is there and has no `a`.
    pub fn no_column(&mut self, path: &[Name], at: TextRange, scope: usize, relation: usize) {
        let found = self.scopes[scope].relations[relation].clone();
        if self.is_known_complaint(scope, &written(path), at) {
            return;
        }
        let place = path.len().saturating_sub(2);
        let name = path.iter().skip(place + 1).find(|_| true).or(path.last());
        let name = name.map(|name| name.text.clone()).unwrap_or_default();
        let columns: Vec<Rc<str>> =
            found.relation.columns.iter().map(|column| Rc::clone(&column.name)).collect();
        let help = self.selected_inside(&found.relation, &name).or_else(|| {
            let elsewhere = self.other_relation_with(scope, relation, &name);
            let near = suggest::similar("column", &name, columns.iter().map(|name| &**name));
            near.or(elsewhere).or_else(|| similar(&name, columns.iter().map(|name| &**name)))
        });
        self.problem(Problem {
            code: Code::UnknownColumn,
            message: format!("there is no column `{name}` in `{}`", found.name),
            at: path.last().map_or(at, |last| if last.at == TextRange::default() { at } else { last.at }),
            label: format!("`{}` has {}, and none of that name", found.name, count_columns(&found.relation)),
            also: self.definition(&found.relation),
            help,
        });
    }

    /// Another relation of the scope that has the column which this one has not.
    fn other_relation_with(&self, scope: usize, but: usize, name: &str) -> Option<String> {
        let name_key = key(name);
        let others = self.scopes[scope].relations.iter().enumerate();
        let has =
            |relation: &Relation| matches!(relation.find_key(&name_key, name), super::scope::Hit::Column(_));
        others
            .filter(|(index, found)| *index != but && !found.is_hidden && has(&found.relation))
            .map(|(_, found)| format!("`{}` has a column `{name}`", found.name))
            .next()
    }

    /// A CTE or subquery that does not pass on a column which what it reads has.
    fn selected_inside(&self, relation: &Relation, name: &str) -> Option<String> {
        let Origin::Cte(cte) = relation.origin else { return None };
        let name_key = key(name);
        let near = suggest::nearest(name, relation.columns.iter().map(|column| &*column.name));
        if near.is_some() {
            return None;
        }
        let inner = self
            .facts
            .reads
            .get(&cte)?
            .iter()
            .find(|(_, inner)| matches!(inner.find_key(&name_key, name), super::scope::Hit::Column(_)))?;
        let cte = &self.ctes[cte].name;
        Some(format!("`{}` has it: select it in `{cte}` to use it here", inner.0))
    }

    /// A name that no relation has, or whose qualifier is none.
    pub fn no_name(&mut self, path: &[Name], at: TextRange, scope: usize) {
        let [first, .., last] = path else {
            if let Some(name) = path.first() {
                self.no_bare_name(name, at, scope);
            }
            return;
        };
        let qualifier_at = first.at;
        let qualifier = &path[..path.len() - 1];
        if self.is_word(path) || self.might_be_system(last) {
            return;
        }
        let is_placed = qualifier_at != TextRange::default();
        self.no_qualifier(qualifier, if is_placed { qualifier_at } else { at }, scope);
    }

    /// `x.a` or `x.*`, where no relation `x` is in scope.
    pub fn no_qualifier(&mut self, qualifier: &[Name], at: TextRange, scope: usize) {
        let name = written(qualifier);
        if self.is_known_complaint(scope, &format!("{name}."), at) {
            return;
        }
        let mut in_scope = Vec::new();
        let mut level = Some(scope);
        while let Some(id) = level {
            for found in &self.scopes[id].relations {
                let wanted: Vec<String> = qualifier.iter().map(|part| key(&part.text)).collect();
                if found.is_hidden && found.path.ends_with(&wanted) {
                    self.hidden_qualifier(&name, at);
                    return;
                }
                in_scope.push(found.name.clone());
            }
            level = self.scopes[id].parent;
        }
        let last = qualifier.last().map(|part| part.text.clone()).unwrap_or_default();
        let near = suggest::nearest(&last, in_scope.iter().map(String::as_str))
            .map(|near| format!("a relation with a similar name is in scope: `{near}`"));
        let help = near.or_else(|| {
            let listed: Vec<String> = in_scope.iter().map(|name| format!("`{name}`")).collect();
            match listed.len() {
                0 => Some("there is no FROM here".to_owned()),
                1..=8 => Some(format!("in scope: {}", listed.join(", "))),
                _ => None,
            }
        });
        self.problem(Problem {
            code: Code::UnknownRelation,
            message: format!("there is no relation `{name}` in scope"),
            at,
            label: "not the name or alias of anything in FROM".to_owned(),
            also: Vec::new(),
            help,
        });
    }

    fn hidden_qualifier(&mut self, name: &str, at: TextRange) {
        self.problem(Problem {
            code: Code::UnknownRelation,
            message: format!("columns of `{name}` can only be used in the condition of the join"),
            at,
            label: "the right side of a semi or anti join gives no columns".to_owned(),
            also: Vec::new(),
            help: None,
        });
    }

    fn no_bare_name(&mut self, name: &Name, at: TextRange, scope: usize) {
        let path = std::slice::from_ref(name);
        if self.is_word(path) || self.might_be_system(name) || self.is_later_alias(name, scope) {
            return;
        }
        if self.is_known_complaint(scope, &name.text, at) {
            return;
        }
        let mut columns: Vec<Rc<str>> = Vec::new();
        let mut seen: Vec<String> = Vec::new();
        let mut also = Vec::new();
        let mut level = Some(scope);
        while let Some(id) = level {
            for found in self.scopes[id].relations.iter().filter(|found| !found.is_hidden) {
                columns.extend(found.relation.columns.iter().map(|column| Rc::clone(&column.name)));
                if id == scope {
                    seen.push(format!("`{}` has {}", found.name, count_columns(&found.relation)));
                    also.extend(self.definition(&found.relation));
                }
            }
            level = self.scopes[id].parent;
        }
        let here = &self.scopes[scope];
        let alias =
            here.alias_at.contains_key(&key(&name.text)) || here.written_aliases.contains(&key(&name.text));
        let reads = here.relations.iter().find_map(|found| self.selected_inside(&found.relation, &name.text));
        let near = suggest::similar("column", &name.text, columns.iter().map(|name| &**name));
        let help = if alias {
            Some(format!(
                "`{}` is given in the select list, and not seen here: repeat what it stands for, or put the query in a CTE",
                name.text
            ))
        } else {
            near.or(reads).or_else(|| similar(&name.text, columns.iter().map(|name| &**name)))
        };
        let (message, label) = match (seen.as_slice(), here.relations.as_slice()) {
            ([], _) => (
                format!("there is no column `{}`: there is no FROM", name.text),
                "nothing here has columns".to_owned(),
            ),
            ([one], [found]) => (
                format!("there is no column `{}` in `{}`", name.text, found.name),
                format!("{one}, and none of that name"),
            ),
            (few, _) if few.len() <= 6 => (
                format!("there is no column `{}`", name.text),
                format!("{}: none of that name", few.join(", ")),
            ),
            (many, _) => (
                format!("there is no column `{}`", name.text),
                format!("none of the {} relations in FROM has it", many.len()),
            ),
        };
        if also.len() > 1 {
            also.clear();
        }
        self.problem(Problem { code: Code::UnknownColumn, message, at, label, also, help });
    }

    /// Words that stand without parentheses and are functions.
    fn is_word(&self, path: &[Name]) -> bool {
        match path {
            [name] if !name.is_quoted => {
                super::functions::bare_word(self.dialect, &name.text).is_some()
                    || WORDS.contains(&key(&name.text).as_str())
            }
            _ => false,
        }
    }

    /// Columns that engines add to tables of some kinds, and that no schema lists.
    fn might_be_system(&self, name: &Name) -> bool {
        let name = key(&name.text);
        match self.dialect {
            Dialect::DuckDb => {
                ["rowid", "filename", "file_row_number", "file_index"].contains(&name.as_str())
            }
            Dialect::Postgres | Dialect::Redshift => {
                ["ctid", "xmin", "xmax", "cmin", "cmax", "tableoid", "oid"].contains(&name.as_str())
            }
            Dialect::Snowflake => {
                name.starts_with('$')
                    || name.starts_with("metadata$")
                    || name.starts_with("connect_by_")
                    || name == "level"
            }
            Dialect::BigQuery => name.starts_with('_') && name != "_",
            Dialect::Spark | Dialect::Databricks => {
                name == "_metadata" || name.starts_with("_change") || name.starts_with("_commit")
            }
        }
    }

    /// Dialects that let a select list use its own names may do so in any order.
    fn is_later_alias(&self, name: &Name, scope: usize) -> bool {
        let is_lax = matches!(
            self.dialect,
            Dialect::Snowflake | Dialect::Redshift | Dialect::Databricks | Dialect::Spark
        );
        let scope = &self.scopes[scope];
        is_lax
            && scope.sees_aliases != super::scope::Aliases::Hidden
            && scope.written_aliases.contains(&key(&name.text))
    }

    /// A name that columns of several relations have.
    pub fn ambiguous(&mut self, path: &[Name], at: TextRange, scope: usize, entries: &[Entry]) {
        if self.is_known_complaint(scope, &written(path), at) {
            return;
        }
        let found = &self.scopes[scope];
        let name = path.last().map(|name| name.text.clone()).unwrap_or_default();
        let mut relations: Vec<String> = Vec::new();
        for entry in entries {
            let relation = match entry {
                Entry::Column(relation, _) | Entry::Open(relation) => *relation,
                Entry::Merged(merged) => found.merged[*merged].relation,
            };
            let relation = found.relations[relation].name.clone();
            if !relations.contains(&relation) {
                relations.push(relation);
            }
        }
        let (label, help) = match relations.as_slice() {
            [one] => (
                format!("`{one}` has several columns of that name"),
                Some(format!("give the columns of `{one}` different names where it is defined")),
            ),
            [one, ..] => (
                format!("{} have a column `{name}`", join_and(&relations)),
                Some(format!("say which one is meant: `{one}.{name}`")),
            ),
            [] => ("several columns have that name".to_owned(), None),
        };
        self.problem(Problem {
            code: Code::AmbiguousColumn,
            message: format!("the column `{name}` is ambiguous"),
            at,
            label,
            also: Vec::new(),
            help,
        });
    }

    /// A FROM that names what does not exist.
    pub fn no_relation(&mut self, path: &[Name], at: TextRange, frame: usize) {
        let name = written(path);
        let mut names: Vec<String> = self.cte_names(frame);
        names.extend(self.relations.iter().filter_map(|(relation, _)| relation.identifier.clone()));
        let last = path.last().map(|part| part.text.clone()).unwrap_or_default();
        let help = suggest::nearest(&last, names.iter().map(String::as_str))
            .map(|near| format!("a relation with a similar name exists: `{near}`"));
        self.problem(Problem {
            code: Code::UnknownRelation,
            message: format!("there is no relation `{name}`"),
            at,
            label: "neither a CTE nor a table that is known".to_owned(),
            also: Vec::new(),
            help,
        });
    }

    pub fn cte_names(&self, frame: usize) -> Vec<String> {
        let mut names = Vec::new();
        let mut at = Some(frame);
        while let Some(frame) = at {
            let mut here: Vec<usize> = self.frames[frame].ctes.values().copied().collect();
            here.sort_unstable();
            names.extend(here.into_iter().map(|cte| self.ctes[cte].name.clone()));
            at = self.frames[frame].parent;
        }
        names
    }

    /// A list of names that is longer than the columns it is for.
    pub fn too_many_names(&mut self, names: &[Name], relation: &Relation, whose: &str) {
        let Some(extra) = names.get(relation.columns.len()) else { return };
        if !relation.is_complete() {
            return;
        }
        let last = names.last().map_or(extra.at, |last| extra.at.to(last.at));
        self.problem(Problem {
            code: Code::ColumnCount,
            message: format!(
                "`{whose}` is given {} column names, and has {}",
                names.len(),
                count_columns(relation)
            ),
            at: last,
            label: "there is no column for this name".to_owned(),
            also: Vec::new(),
            help: None,
        });
    }
}

pub(super) fn join_and(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [rest @ .., last] if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => quoted.join(""),
    }
}

/// Functions that are written without parentheses in one dialect or another; a column of such a
/// name is found before this is asked.
const WORDS: [&str; 22] = [
    "current_date",
    "current_time",
    "current_timestamp",
    "current_user",
    "current_role",
    "current_schema",
    "current_catalog",
    "current_database",
    "session_user",
    "user",
    "localtime",
    "localtimestamp",
    "sysdate",
    "systimestamp",
    "getdate",
    "default",
    "true",
    "false",
    "null",
    "inf",
    "infinity",
    "nan",
];
