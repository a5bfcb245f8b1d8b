use std::collections::HashSet;
use std::rc::Rc;

use super::flow::Way;
use super::resolver::{Edges, Resolver};
use super::scope::{Entry, Look, Open, RelationColumn, key};
use crate::diagnostic::Code;
use crate::sql::tree::{ColumnsPattern, Expr, ExprKind, Name, Star, TextRange};

impl<'q> Resolver<'q> {
    /// The columns that a star stands for, each a new one, and from where there may be more.
    pub fn expand_star(&mut self, star: &'q Star, scope: usize) -> (Vec<RelationColumn>, Vec<Open>) {
        let Some((found_in, entries)) = self.star_entries(star, scope) else {
            return self.expand_struct(star, scope);
        };
        let excluded = self.names_in(&star.exclude, "EXCLUDE", found_in, &entries);
        let replaced: Vec<(String, &'q Expr, &'q Name)> =
            star.replace.iter().map(|(expr, name)| (key(&name.text), expr, name)).collect();
        let renamed: Vec<(String, &'q Name)> =
            star.rename.iter().map(|(from, to)| (key(&from.text), to)).collect();
        let replaced_names: Vec<Name> = star.replace.iter().map(|(_, name)| name.clone()).collect();
        self.names_in(&replaced_names, "REPLACE", found_in, &entries);
        let renamed_names: Vec<Name> = star.rename.iter().map(|(from, _)| from.clone()).collect();
        self.names_in(&renamed_names, "RENAME", found_in, &entries);
        let pattern = star.pattern.as_ref().map(|(operator, pattern)| Pattern::new(operator, pattern));
        let mut columns = Vec::with_capacity(entries.len());
        let mut open = Vec::new();
        let mut written: HashSet<String> = HashSet::new();
        for entry in entries {
            if let Entry::Open(relation) = entry {
                // Names that are taken away or given anew are not what the relation has more of.
                let known = |name: &String| name.clone();
                let mut but: HashSet<String> = excluded.iter().map(known).collect();
                but.extend(renamed.iter().map(|(from, _)| from.clone()));
                but.extend(replaced.iter().map(|(name, ..)| name.clone()));
                let relation = Rc::clone(&self.scopes[found_in].relations[relation].relation);
                open.push(Open::Star(relation, Rc::new(but)));
                continue;
            }
            let Some(column) = self.entry(found_in, entry) else { continue };
            let column_key = key(&column.name);
            if excluded.contains(&column_key) || pattern.as_ref().is_some_and(|it| !it.matches(&column.name))
            {
                continue;
            }
            if let Some((_, expr, name)) = replaced.iter().find(|(name, ..)| *name == column_key) {
                if written.insert(column_key) {
                    columns.push(self.computed(expr, &name.text, name.at, scope));
                }
                continue;
            }
            let name = match renamed.iter().find(|(from, _)| *from == column_key) {
                Some((_, to)) => Rc::from(self.folded(to).as_str()),
                None => Rc::clone(&column.name),
            };
            let node = self.flow.add(vec![(column.node, Way::Direct)]);
            columns.push(RelationColumn { name, node, at: star.at, ..column });
        }
        if !open.is_empty() {
            // What is replaced and renamed is there, though nobody listed it.
            for (name_key, expr, name) in &replaced {
                if !written.contains(name_key) {
                    columns.push(self.computed(expr, &name.text, name.at, scope));
                }
            }
            for (from, to) in &star.rename {
                let listed = key(&from.text);
                let is_listed = columns.iter().any(|column| *column.name == *self.folded(to));
                if !is_listed {
                    let node = match open.as_slice() {
                        [Open::Star(relation, _)] => relation.opens_to(&listed),
                        _ => None,
                    };
                    let edges = match node {
                        Some(input) => vec![(self.unlisted_column(input, &from.text), Way::Direct)],
                        None => Vec::new(),
                    };
                    let node = self.flow.add(edges);
                    let name = self.folded(to);
                    columns.push(RelationColumn {
                        name: name.as_str().into(),
                        is_named: true,
                        data_type: None,
                        node,
                        at: to.at,
                    });
                }
            }
        }
        (columns, open)
    }

    /// A column made of an expression under a name.
    pub fn computed(&mut self, expr: &'q Expr, name: &str, at: TextRange, scope: usize) -> RelationColumn {
        let mut edges = Edges::new();
        self.walk(expr, scope, Way::Direct, &mut edges);
        let data_type = self.type_of(expr, scope);
        let node = self.flow.add(edges);
        RelationColumn { name: name.into(), is_named: true, data_type, node, at }
    }

    /// Entries of a star, with the scope they are of; `None` when its qualifier is no relation.
    fn star_entries(&mut self, star: &Star, scope: usize) -> Option<(usize, Vec<Entry>)> {
        if star.qualifier.is_empty() {
            return Some((scope, self.scopes[scope].order.clone()));
        }
        let wanted: Vec<String> = star.qualifier.iter().map(|part| key(&part.text)).collect();
        let mut at = Some(scope);
        while let Some(id) = at {
            let found = self.scopes[id].qualified(&wanted).next();
            if let Some(index) = found {
                let relation = &self.scopes[id].relations[index].relation;
                let mut entries: Vec<Entry> =
                    (0..relation.columns.len()).map(|column| Entry::Column(index, column)).collect();
                if !relation.is_complete() {
                    entries.push(Entry::Open(index));
                }
                return Some((id, entries));
            }
            at = self.scopes[id].parent;
        }
        None
    }

    /// `t.point.*`: the fields of a struct.
    fn expand_struct(&mut self, star: &'q Star, scope: usize) -> (Vec<RelationColumn>, Vec<Open>) {
        let (found_in, look) = self.look(scope, &star.qualifier);
        let at = star
            .qualifier
            .first()
            .map_or(star.at, |first| star.qualifier.iter().fold(first.at, |at, part| at.to(part.at)));
        if matches!(look, Look::No | Look::NoColumn(_)) {
            self.no_qualifier(&star.qualifier, at, scope);
            return (Vec::new(), vec![Open::Unknown]);
        }
        let mut edges = Edges::new();
        self.column(&star.qualifier, at, scope, Way::Computed, &mut edges);
        let excluded: HashSet<String> = star.exclude.iter().map(|name| key(&name.text)).collect();
        let data_type = self.type_of_path(found_in, &look, &star.qualifier);
        match data_type.and_then(|data_type| super::fields::fields(&data_type, self.dialect)) {
            Some(fields) => {
                let columns = fields.into_iter().filter(|(name, _)| !excluded.contains(&key(name))).map(
                    |(name, data_type)| RelationColumn {
                        name: name.as_str().into(),
                        is_named: true,
                        data_type,
                        node: self.flow.add(edges.clone()),
                        at: star.at,
                    },
                );
                (columns.collect(), Vec::new())
            }
            None => {
                self.unknown(star.at, "the fields of the struct are not known");
                (Vec::new(), vec![Open::Unknown])
            }
        }
    }

    /// The entries that `COLUMNS(…)` stands for, and whether there may be more.
    pub fn matching(
        &mut self,
        pattern: &'q ColumnsPattern,
        at: TextRange,
        scope: usize,
    ) -> (Vec<Entry>, bool) {
        let (found_in, entries) = match pattern {
            ColumnsPattern::Star(star) => match self.star_entries(star, scope) {
                Some(found) => found,
                None => {
                    self.no_qualifier(&star.qualifier, star.at, scope);
                    return (Vec::new(), true);
                }
            },
            _ => (scope, self.scopes[scope].order.clone()),
        };
        let is_open = entries.iter().any(|entry| matches!(entry, Entry::Open(_)));
        let named = |it: &Self, entry: &Entry| it.entry(found_in, *entry).map(|column| column.name);
        let keep = |it: &Self, keep: &dyn Fn(&str) -> bool| -> Vec<Entry> {
            let is_kept = |entry: &&Entry| named(it, entry).is_some_and(|name| keep(&name));
            entries.iter().filter(is_kept).copied().collect()
        };
        match pattern {
            ColumnsPattern::Star(star) => {
                let excluded = self.names_in(&star.exclude, "EXCLUDE", found_in, &entries);
                let pattern =
                    star.pattern.as_ref().map(|(operator, pattern)| Pattern::new(operator, pattern));
                let is_kept = |name: &str| {
                    !excluded.contains(&key(name)) && pattern.as_ref().is_none_or(|it| it.matches(name))
                };
                (keep(self, &is_kept), is_open)
            }
            ColumnsPattern::Regex(regex) => match fancy_regex::Regex::new(regex) {
                Ok(regex) => (keep(self, &|name| regex.is_match(name).unwrap_or(false)), is_open),
                Err(_) => {
                    self.unknown(at, "the regular expression is not understood");
                    (Vec::new(), true)
                }
            },
            ColumnsPattern::Names(names) => {
                let wanted = self.names_in(names, "COLUMNS", found_in, &entries);
                (keep(self, &|name| wanted.contains(&key(name))), is_open)
            }
            ColumnsPattern::Lambda(lambda) => match lambda_test(&lambda.parameters, &lambda.body) {
                Some(test) => (keep(self, &|name| test.matches(name)), is_open),
                None => {
                    self.unknown(at, "which columns the lambda takes is not known");
                    (Vec::new(), true)
                }
            },
        }
    }

    /// Keys of names that a star excludes, replaces or renames; one that is not among its
    /// columns is a problem where the dialect says so.
    fn names_in(&mut self, names: &[Name], clause: &str, scope: usize, entries: &[Entry]) -> HashSet<String> {
        if names.is_empty() {
            return HashSet::new();
        }
        let is_open = entries.iter().any(|entry| matches!(entry, Entry::Open(_)));
        let there: Vec<Rc<str>> =
            entries.iter().filter_map(|entry| Some(self.entry(scope, *entry)?.name)).collect();
        let keys: HashSet<String> = there.iter().map(|name| key(name)).collect();
        let mut found = HashSet::new();
        for name in names {
            let name_key = key(&name.text);
            if !keys.contains(&name_key) && !is_open {
                self.problem(super::Problem {
                    code: Code::UnknownColumn,
                    message: format!("there is no column `{}` among those of the star", name.text),
                    at: name.at,
                    label: format!("{clause} names a column that is not there"),
                    also: Vec::new(),
                    help: super::problems::similar(&name.text, there.iter().map(|name| &**name)),
                });
            }
            found.insert(name_key);
        }
        found
    }
}

/// A test of names: `* LIKE 'a%'`.
pub(super) struct Pattern {
    operator: String,
    text: String,
    is_negated: bool,
}

impl Pattern {
    pub fn new(operator: &str, pattern: &str) -> Self {
        let operator = operator.to_lowercase();
        let (is_negated, operator) = match operator.strip_prefix("not ") {
            Some(rest) => (true, rest.to_owned()),
            None => (false, operator),
        };
        Self { operator, text: pattern.to_owned(), is_negated }
    }

    pub fn matches(&self, name: &str) -> bool {
        let regex = match self.operator.as_str() {
            "like" => format!("(?s)^{}$", from_like(&self.text)),
            "ilike" => format!("(?is)^{}$", from_like(&self.text)),
            "glob" => format!("(?s)^{}$", from_glob(&self.text)),
            // `~` and SIMILAR TO take the whole name.
            _ => format!("^(?:{})$", self.text),
        };
        let found = fancy_regex::Regex::new(&regex).is_ok_and(|regex| regex.is_match(name).unwrap_or(false));
        found != self.is_negated
    }
}

fn from_like(pattern: &str) -> String {
    let mut regex = String::new();
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '%' => regex.push_str(".*"),
            '_' => regex.push('.'),
            '\\' => regex.push_str(&fancy_regex::escape(&letters.next().unwrap_or('\\').to_string())),
            letter => regex.push_str(&fancy_regex::escape(&letter.to_string())),
        }
    }
    regex
}

fn from_glob(pattern: &str) -> String {
    let mut regex = String::new();
    for letter in pattern.chars() {
        match letter {
            '*' => regex.push_str(".*"),
            '?' => regex.push('.'),
            '[' | ']' | '-' => regex.push(letter),
            letter => regex.push_str(&fancy_regex::escape(&letter.to_string())),
        }
    }
    regex
}

/// The test that a lambda of one parameter makes, when it is a plain one.
fn lambda_test(parameters: &[Name], body: &Expr) -> Option<Pattern> {
    let [parameter] = parameters else { return None };
    let ExprKind::Like { expr, operator, pattern, is_negated } = &body.kind else { return None };
    let ExprKind::Column(path) = &expr.kind else { return None };
    let ExprKind::Literal(crate::sql::tree::Literal::String(pattern)) = &pattern.kind else { return None };
    let is_parameter = path.len() == 1 && key(&path[0].text) == key(&parameter.text);
    let operator = if *is_negated { format!("not {operator}") } else { operator.clone() };
    is_parameter.then(|| Pattern::new(&operator, pattern))
}
