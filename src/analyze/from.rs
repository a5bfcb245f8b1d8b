use std::collections::HashSet;
use std::rc::Rc;

use super::flow::{Node, Way};
use super::resolver::{Edges, Resolver};
use super::scope::{Entry, Hit, InScope, Merged, Open, Origin, Relation, RelationColumn, key};
use super::{Found, Input, Known};
use crate::diagnostic::{Code, suggest};
use crate::sql::tree::{Alias, FromItem, Join, JoinCondition, JoinKind, Name, TextRange};
use crate::sql::{Dialect, RelationName};

/// The column of one side of a join that is to be merged: where from, its type and name.
type Side = (Node, Option<crate::sql::DataType>, Rc<str>);

impl<'q> Resolver<'q> {
    /// Puts what a FROM item gives into the scope. What decides on the rows is added to `rows`,
    /// and what `*` stands for is returned.
    pub fn bind_item_of_from(&mut self, item: &'q FromItem, scope: usize, rows: &mut Edges) -> Vec<Entry> {
        stacker::maybe_grow(128 * 1024, 2 * 1024 * 1024, || self.bind_item_of_from_here(item, scope, rows))
    }

    fn bind_item_of_from_here(&mut self, item: &'q FromItem, scope: usize, rows: &mut Edges) -> Vec<Entry> {
        match item {
            FromItem::Table { name, alias, at } => self.table(name, alias.as_ref(), *at, scope, rows),
            FromItem::Subquery { query, alias, is_lateral, .. } => {
                // DuckDB's subqueries see what stands before them without being asked to.
                let sees_siblings = *is_lateral || self.dialect == Dialect::DuckDb;
                let parent = if sees_siblings { Some(scope) } else { self.scopes[scope].parent };
                let frame = self.frame_of(scope);
                let met = std::mem::take(&mut self.met);
                let relation = self.bind_query(query, parent, frame, None);
                self.met = met;
                let relation = self.as_subquery(&relation);
                self.put(relation, alias.as_ref(), "subquery", scope, rows)
            }
            FromItem::Function(function) => self.table_function(function, scope, rows),
            FromItem::Join(join) => self.join(join, scope, rows),
            FromItem::Pivot(pivot) => self.pivot(pivot, scope, rows),
            FromItem::Unpivot(unpivot) => self.unpivot(unpivot, scope, rows),
            FromItem::Aliased { item, alias, .. } => {
                let (inner, entries) = self.apart(item, scope, rows);
                let relation = self.relation_of(inner, &entries);
                self.put(relation, Some(alias), "join", scope, rows)
            }
        }
    }

    /// An item in a scope of its own, which the scope around does not see.
    pub fn apart(&mut self, item: &'q FromItem, scope: usize, rows: &mut Edges) -> (usize, Vec<Entry>) {
        let frame = self.frame_of(scope);
        let inner = self.new_scope(Some(scope), frame);
        let entries = self.bind_item_of_from(item, inner, rows);
        self.scopes[inner].order.clone_from(&entries);
        (inner, entries)
    }

    /// Entries of a scope as a relation of its own.
    pub fn relation_of(&mut self, scope: usize, entries: &[Entry]) -> Relation {
        let columns = entries.iter().filter_map(|entry| self.entry(scope, *entry)).collect();
        let open = entries.iter().filter_map(|entry| match entry {
            Entry::Open(relation) => {
                let relation = Rc::clone(&self.scopes[scope].relations[*relation].relation);
                Some(Open::Star(relation, Rc::new(HashSet::new())))
            }
            _ => None,
        });
        let open = open.collect();
        Relation::new(columns, open, None, Origin::Subquery)
    }

    /// DuckDB gives columns of a subquery that have the same name different ones.
    pub fn as_subquery(&mut self, relation: &Rc<Relation>) -> Relation {
        let mut columns = relation.columns.clone();
        if self.dialect == Dialect::DuckDb {
            let mut taken: HashSet<String> = HashSet::with_capacity(columns.len());
            for column in &mut columns {
                let mut name_key = key(&column.name);
                let mut next = 1;
                while !taken.insert(name_key.clone()) {
                    let name = format!("{}_{next}", column.name);
                    name_key = key(&name);
                    if taken.contains(&name_key) {
                        next += 1;
                        continue;
                    }
                    column.name = name.as_str().into();
                    taken.insert(name_key.clone());
                    break;
                }
            }
        }
        Relation::new(columns, relation.open.clone(), relation.rows, Origin::Subquery)
    }

    /// A relation under its alias, or under a name of its own.
    pub fn put(
        &mut self,
        relation: Relation,
        alias: Option<&'q Alias>,
        what: &str,
        scope: usize,
        rows: &mut Edges,
    ) -> Vec<Entry> {
        let (path, name) = match alias {
            Some(alias) => (vec![key(&alias.name.text)], alias.name.text.clone()),
            None => (Vec::new(), what.to_owned()),
        };
        let relation = self.with_names(relation, alias);
        self.enter(Rc::new(relation), path, name, scope, rows)
    }

    /// A relation with the column names of an alias.
    pub fn with_names(&mut self, mut relation: Relation, alias: Option<&'q Alias>) -> Relation {
        let Some(alias) = alias.filter(|alias| !alias.columns.is_empty()) else { return relation };
        self.too_many_names(&alias.columns, &relation, &alias.name.text);
        self.rename(&mut relation, &alias.columns);
        relation
    }

    /// Gives the first columns other names.
    pub fn rename(&mut self, relation: &mut Relation, names: &[Name]) {
        let mut columns = std::mem::take(&mut relation.columns);
        for (index, name) in names.iter().enumerate() {
            let text: Rc<str> = self.folded(name).as_str().into();
            match columns.get_mut(index) {
                Some(column) => {
                    column.name = text;
                    column.is_named = true;
                }
                // Of a relation that is not wholly known, or of a list that is too long.
                None => {
                    let node = self.flow.add(Vec::new());
                    let (is_named, data_type, at) = (true, None, name.at);
                    columns.push(RelationColumn { name: text, is_named, data_type, node, at });
                }
            }
        }
        let open = if relation.open.is_empty() { Vec::new() } else { vec![Open::Unknown] };
        *relation = Relation::new(columns, open, relation.rows, relation.origin.clone());
    }

    /// Puts a relation into a scope.
    pub fn enter(
        &mut self,
        relation: Rc<Relation>,
        path: Vec<String>,
        name: String,
        scope: usize,
        rows: &mut Edges,
    ) -> Vec<Entry> {
        rows.extend(relation.rows.map(|node| (node, Way::Rows)));
        let index = self.scopes[scope].relations.len();
        let mut entries: Vec<Entry> =
            (0..relation.columns.len()).map(|column| Entry::Column(index, column)).collect();
        if !relation.is_complete() {
            entries.push(Entry::Open(index));
        }
        let (is_hidden, is_value, merged) = (false, false, HashSet::new());
        self.scopes[scope].relations.push(InScope { path, name, relation, is_hidden, merged, is_value });
        entries
    }

    fn table(
        &mut self,
        name: &'q [Name],
        alias: Option<&'q Alias>,
        at: TextRange,
        scope: usize,
        rows: &mut Edges,
    ) -> Vec<Entry> {
        let frame = self.frame_of(scope);
        let last = name.last().map(|part| part.text.clone()).unwrap_or_default();
        let known_as = |path: Vec<String>| match alias {
            Some(alias) => (vec![key(&alias.name.text)], alias.name.text.clone()),
            None => (path, last.clone()),
        };
        let cte = match name {
            [name] => self.cte(frame, name),
            // What a recursive CTE of DuckDB has so far.
            [prefix, name] if self.dialect == Dialect::DuckDb && key(&prefix.text) == "recurring" => {
                self.cte(frame, name)
            }
            _ => None,
        };
        let relation = match cte {
            Some(cte) => {
                self.ctes[cte].uses += 1;
                match &self.ctes[cte].relation {
                    Some(relation) => Rc::clone(relation),
                    None => {
                        self.unknown(at, format!("`{last}` names itself in a way that is not understood"));
                        Rc::new(Relation::unknown())
                    }
                }
            }
            None => {
                if self.is_array_of_sibling(name, scope) {
                    return self.array_of_sibling(name, alias, at, scope, rows);
                }
                self.input(name, at, frame)
            }
        };
        let relation = match alias {
            Some(alias) if !alias.columns.is_empty() => {
                let copy = Relation::new(
                    relation.columns.clone(),
                    relation.open.clone(),
                    relation.rows,
                    relation.origin.clone(),
                );
                Rc::new(self.with_names(copy, Some(alias)))
            }
            _ => relation,
        };
        let mut full: Vec<String> = name.iter().map(|part| key(&part.text)).collect();
        if cte.is_none()
            && let Origin::Input(input) = relation.origin
        {
            let found = &self.inputs[input].relation;
            let parts = [&found.database, &found.schema, &found.identifier];
            let parts: Vec<String> = parts.into_iter().flatten().map(|part| key(part)).collect();
            if parts.ends_with(&full) {
                full = parts;
            }
        }
        let (path, shown) = known_as(full);
        self.enter(relation, path, shown, scope, rows)
    }

    /// A relation from outside of the query.
    fn input(&mut self, name: &[Name], at: TextRange, frame: usize) -> Rc<Relation> {
        match self.relations.find(name) {
            Found::Relation(relation, known) => {
                let id = relation.to_string().to_lowercase();
                self.known_input(id, relation, &known, at)
            }
            Found::Missing if !Self::is_lenient_name(name) => {
                self.no_relation(name, at, frame);
                Rc::new(Relation::unknown())
            }
            _ => {
                if let [only] = name
                    && !only.is_quoted
                    && suggest::nearest(&only.text, self.cte_names(frame).iter().map(String::as_str))
                        .is_some()
                {
                    self.no_relation(name, at, frame);
                    return Rc::new(Relation::unknown());
                }
                let id = name.iter().map(|part| key(&part.text)).collect::<Vec<_>>().join("\u{0}");
                let relation = self.as_written(name);
                let why = format!("nothing is known of `{}`", super::problems::written(name));
                self.known_input(id, relation, &Known::Nothing(why), at)
            }
        }
    }

    fn as_written(&self, name: &[Name]) -> RelationName {
        let part = |place: usize| {
            let name = name.len().checked_sub(place).and_then(|index| name.get(index));
            name.map_or("", |part| part.text.as_str())
        };
        let mut relation = RelationName::new(self.dialect, part(3), part(2), part(1));
        let is_quoted = name.iter().any(|part| part.is_quoted);
        relation.quoting.database = is_quoted;
        relation.quoting.schema = is_quoted;
        relation.quoting.identifier = is_quoted;
        relation
    }

    pub fn known_input(
        &mut self,
        id: String,
        relation: RelationName,
        known: &Known,
        at: TextRange,
    ) -> Rc<Relation> {
        if let Some((_, found)) = self.input_relations.get(&id) {
            return Rc::clone(found);
        }
        let input = self.inputs.len();
        let mut columns = Vec::new();
        let mut open = Vec::new();
        match known {
            Known::Schema(schema) => {
                for column in &schema.columns {
                    let name: Rc<str> = column.name.as_str().into();
                    let node = self.flow.add_leaf(input, Rc::clone(&name));
                    let data_type = column.data_type.clone();
                    columns.push(RelationColumn {
                        name,
                        is_named: true,
                        data_type,
                        node,
                        at: TextRange::default(),
                    });
                }
                if !schema.is_complete {
                    open.push(Open::Input(input));
                    self.unknown(at, format!("not all columns of `{relation}` are known"));
                }
            }
            Known::Nothing(why) => {
                open.push(Open::Input(input));
                self.unknown(at, why.clone());
            }
        }
        let is_known = matches!(known, Known::Schema(_));
        self.inputs.push(Input { relation, is_known, at });
        let found = Rc::new(Relation::new(columns, open, None, Origin::Input(input)));
        self.input_relations.insert(id, (input, Rc::clone(&found)));
        found
    }

    /// Names that engines know without anybody listing them: files, system tables.
    fn is_lenient_name(name: &[Name]) -> bool {
        let parts: Vec<String> = name.iter().map(|part| key(&part.text)).collect();
        let is_system = |part: &String| {
            ["information_schema", "pg_catalog", "system", "account_usage", "snowflake"]
                .contains(&part.as_str())
        };
        let is_file = |part: &String| part.contains(['/', '.', '*', '@', '$', '%', '~']);
        let prefixes = ["pg_", "duckdb_", "sqlite_", "pragma_", "svv_", "stl_", "stv_", "svl_"];
        let is_prefixed = |part: &String| prefixes.iter().any(|prefix| part.starts_with(prefix));
        parts.iter().any(|part| is_system(part) || is_file(part))
            || parts.last().is_some_and(|last| is_prefixed(last) || last == "dual" || last.is_empty())
    }

    fn join(&mut self, join: &'q Join, scope: usize, rows: &mut Edges) -> Vec<Entry> {
        let start = self.scopes[scope].relations.len();
        let left = self.bind_item_of_from(&join.left, scope, rows);
        let middle = self.scopes[scope].relations.len();
        let right = self.bind_item_of_from(&join.right, scope, rows);
        let before = std::mem::replace(&mut self.scopes[scope].window, start);
        self.note_join(join, scope, middle);
        let noted = self.facts.open_joins.len() - 1;
        let merged = match &join.condition {
            JoinCondition::None => Vec::new(),
            JoinCondition::On(condition) => {
                self.condition(condition, "ON", scope, rows);
                self.note_compared(noted, condition, scope);
                Vec::new()
            }
            JoinCondition::Using(names) => names
                .iter()
                .filter_map(|name| {
                    let (key, text) = (key(&name.text), name.text.as_str());
                    self.merge(&key, text, Some(name), join, scope, [start, middle], rows)
                })
                .collect(),
            JoinCondition::Natural => self.natural(join, &left, &right, scope, [start, middle], rows),
        };
        self.scopes[scope].window = before;
        if matches!(join.kind, JoinKind::Semi | JoinKind::Anti) {
            for relation in &mut self.scopes[scope].relations[middle..] {
                relation.is_hidden = true;
            }
            return left;
        }
        self.joined(left, right, &merged, scope)
    }

    /// What `*` stands for after a join.
    fn joined(
        &self,
        left: Vec<Entry>,
        right: Vec<Entry>,
        merged: &[(usize, Vec<Entry>)],
        scope: usize,
    ) -> Vec<Entry> {
        if merged.is_empty() {
            let mut all = left;
            all.extend(right);
            return all;
        }
        let replaced = |entry: &Entry| merged.iter().find(|(_, parts)| parts.contains(entry));
        let mut all = Vec::with_capacity(left.len() + right.len());
        let is_first = self.dialect != Dialect::DuckDb;
        if is_first {
            // The standard puts them before all others.
            all.extend(merged.iter().map(|(merged, _)| Entry::Merged(*merged)));
        }
        let mut given = HashSet::new();
        for entry in left.into_iter().chain(right) {
            match replaced(&entry) {
                None => all.push(entry),
                Some((index, _)) => {
                    if !is_first && given.insert(*index) {
                        all.push(Entry::Merged(*index));
                    }
                }
            }
        }
        // Of a side that does not list it.
        for (index, _) in merged {
            if !is_first && given.insert(*index) {
                let first_open = all.iter().position(|entry| matches!(entry, Entry::Open(_)));
                all.insert(first_open.unwrap_or(all.len()), Entry::Merged(*index));
            }
        }
        let _ = scope;
        all
    }

    fn natural(
        &mut self,
        join: &'q Join,
        left: &[Entry],
        right: &[Entry],
        scope: usize,
        starts: [usize; 2],
        rows: &mut Edges,
    ) -> Vec<(usize, Vec<Entry>)> {
        let names = |it: &Self, entries: &[Entry]| -> Vec<Rc<str>> {
            entries.iter().filter_map(|entry| Some(it.entry(scope, *entry)?.name)).collect()
        };
        let on_right: HashSet<String> = names(self, right).iter().map(|name| key(name)).collect();
        let is_open = |entries: &[Entry]| entries.iter().any(|entry| matches!(entry, Entry::Open(_)));
        if is_open(left) || is_open(right) {
            self.unknown(join.at, "which columns a natural join compares is not known");
        }
        let common: Vec<Rc<str>> =
            names(self, left).into_iter().filter(|name| on_right.contains(&key(name))).collect();
        let merge = |name: Rc<str>| self.merge(&key(&name), &name, None, join, scope, starts, rows);
        common.into_iter().filter_map(merge).collect()
    }

    /// Makes one column of those of both sides that have a name. Returns its number, with the
    /// entries it takes the place of.
    #[allow(clippy::too_many_arguments)]
    fn merge(
        &mut self,
        name_key: &str,
        text: &str,
        written: Option<&Name>,
        join: &'q Join,
        scope: usize,
        [start, middle]: [usize; 2],
        rows: &mut Edges,
    ) -> Option<(usize, Vec<Entry>)> {
        let end = self.scopes[scope].relations.len();
        let mut parts = Vec::new();
        let mut sides: [Option<Side>; 2] = [None, None];
        let mut first_relation = None;
        for (side, (from, to)) in [(start, middle), (middle, end)].into_iter().enumerate() {
            let (found, open) = self.scopes[scope].named(name_key, text, from, to);
            match found.as_slice() {
                [entry] => {
                    let column = self.entry(scope, *entry)?;
                    let relation = match entry {
                        Entry::Column(relation, _) | Entry::Open(relation) => *relation,
                        Entry::Merged(merged) => self.scopes[scope].merged[*merged].relation,
                    };
                    first_relation = first_relation.or(Some(relation));
                    sides[side] = Some((column.node, column.data_type, column.name));
                    parts.push(*entry);
                }
                [] => {
                    if let [relation] = open.as_slice() {
                        let input = self.scopes[scope].relations[*relation].relation.opens_to(name_key);
                        first_relation = first_relation.or(Some(*relation));
                        if let Some(input) = input {
                            let node = self.unlisted_column(input, text);
                            sides[side] = Some((node, None, text.into()));
                        }
                    }
                    if open.is_empty()
                        && let Some(name) = written
                    {
                        self.no_merged_column(name, scope, from..to, side == 0);
                    }
                }
                several => {
                    if let Some(name) = written {
                        let several = several.to_vec();
                        self.ambiguous(std::slice::from_ref(name), name.at, scope, &several);
                    }
                    return None;
                }
            }
        }
        if let ([Some(left), Some(right)], Some(name)) = (&sides, written)
            && let (Some(left), Some(right)) = (&left.1, &right.1)
        {
            let mut problems = Vec::new();
            super::types::check_comparison(self.dialect, left, right, name.at, &mut problems);
            self.problems.append(&mut problems);
        }
        let [left, right] = &sides;
        let of = |side: &Option<(Node, _, _)>| side.as_ref().map(|(node, ..)| *node);
        rows.extend(of(left).into_iter().chain(of(right)).map(|node| (node, Way::Filter)));
        // An outer join takes the side of which every row is there.
        let taken = match join.kind {
            JoinKind::Left => [of(left), None],
            JoinKind::Right => [None, of(right)],
            JoinKind::Semi | JoinKind::Anti => return None,
            _ if join.is_asof => [of(left), None],
            _ => [of(left), of(right)],
        };
        let node = self.flow.add(taken.into_iter().flatten().map(|node| (node, Way::Direct)).collect());
        let (data_type, name) = match (left, right) {
            (Some((_, data_type, name)), Some((_, right_type, _))) => {
                let data_type = if data_type == right_type {
                    data_type.clone()
                } else {
                    let types = [data_type.clone(), right_type.clone()];
                    super::types::common_type(self.dialect, &types).ok().flatten()
                };
                (data_type, Rc::clone(name))
            }
            (Some((_, _, name)), None) | (None, Some((_, _, name))) => (None, Rc::clone(name)),
            (None, None) => (None, Rc::from(text)),
        };
        for entry in &parts {
            match entry {
                Entry::Merged(merged) => self.scopes[scope].merged[*merged].is_alive = false,
                Entry::Column(..) | Entry::Open(_) => {}
            }
        }
        let scope = &mut self.scopes[scope];
        for relation in &mut scope.relations[start..end] {
            if relation.relation.find_key(name_key, text) != Hit::No {
                relation.merged.insert(name_key.to_owned());
            }
        }
        let relation = first_relation.unwrap_or(start);
        scope.merged.push(Merged {
            name,
            key: name_key.to_owned(),
            node,
            data_type,
            relation,
            is_alive: true,
        });
        Some((scope.merged.len() - 1, parts))
    }

    /// USING names a column that one side does not have.
    fn no_merged_column(&mut self, name: &Name, scope: usize, range: std::ops::Range<usize>, is_left: bool) {
        let side = if is_left { "left" } else { "right" };
        let here = &self.scopes[scope].relations[range];
        let columns: Vec<Rc<str>> = here
            .iter()
            .flat_map(|found| found.relation.columns.iter().map(|column| Rc::clone(&column.name)))
            .collect();
        let names: Vec<String> = here.iter().map(|found| found.name.clone()).collect();
        let help = super::problems::similar(&name.text, columns.iter().map(|name| &**name));
        self.problem(super::Problem {
            code: Code::UnknownColumn,
            message: format!("the {side} side of the join has no column `{}`", name.text),
            at: name.at,
            label: format!("not in {}", super::problems::join_and(&names)),
            also: Vec::new(),
            help,
        });
    }
}
