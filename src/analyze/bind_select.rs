use super::bind_query::{Bound, position};
use super::flow::Way;
use super::naming;
use super::resolver::{Edges, Resolver, View};
use super::scope::{Aliases, Entry, Look, Open, Origin, Relation, RelationColumn, key};
use super::types;
use crate::sql::Dialect;
use crate::sql::tree::{
    BinaryOp, Distinct, Expr, ExprKind, GroupBy, Name, OrderKey, Select, SelectItem, Star,
};

impl<'q> Resolver<'q> {
    pub fn bind_select(
        &mut self,
        select: &'q Select,
        outer: Option<usize>,
        frame: usize,
        order_by: &'q [OrderKey],
    ) -> Bound {
        let scope = self.new_scope(outer, frame);
        let mut rows = Edges::new();
        self.bind_from(select, scope, &mut rows);
        for (name, window) in &select.windows {
            self.scopes[scope].windows.push((key(&name.text), window));
        }
        let written = select.items.iter().filter_map(|item| match item {
            SelectItem::Expr { alias: Some(alias), .. } => Some(key(&alias.text)),
            _ => None,
        });
        self.scopes[scope].written_aliases = written.collect();
        self.scopes[scope].sees_aliases = self.aliases_in_items();
        let (columns, open, aggregated) = self.bind_items(select, scope);
        self.scopes[scope].sees_aliases = self.aliases_in_where();
        if let Some(filter) = &select.filter {
            self.condition(filter, "WHERE", scope, &mut rows);
        }
        self.walk_all(&select.connect_by, scope, Way::Filter, &mut rows);
        self.group(select, scope, &columns, &aggregated, &mut rows);
        self.scopes[scope].sees_aliases = match self.dialect {
            Dialect::Postgres => Aliases::Hidden,
            _ => Aliases::Rescue,
        };
        if let Some(having) = &select.having {
            self.condition(having, "HAVING", scope, &mut rows);
        }
        self.scopes[scope].sees_aliases = Aliases::Rescue;
        if let Some(qualify) = &select.qualify {
            self.condition(qualify, "QUALIFY", scope, &mut rows);
        }
        match &select.distinct {
            Distinct::No => {}
            Distinct::Yes => rows.extend(columns.iter().map(|column| (column.node, Way::Group))),
            Distinct::On(keys) => {
                for key in keys {
                    if !Self::positional(key, &columns, Way::Group, &mut rows) {
                        self.walk(key, scope, Way::Group, &mut rows);
                    }
                }
            }
        }
        self.scopes[scope].sees_aliases = Aliases::Hidden;
        let mut problems = Vec::new();
        types::check_select(select, order_by, &View { resolver: self, scope }, &mut problems);
        self.problems.append(&mut problems);
        self.connect_joins(scope);
        let rows = self.flow.add(rows);
        Bound { relation: Relation::new(columns, open, Some(rows), Origin::Subquery), scope: Some(scope) }
    }

    fn bind_from(&mut self, select: &'q Select, scope: usize, rows: &mut Edges) {
        let mut order: Vec<Entry> = Vec::new();
        for (place, item) in select.from.iter().enumerate() {
            let start = self.scopes[scope].relations.len();
            let entries = self.bind_item_of_from(item, scope, rows);
            order.extend(entries);
            if place > 0 {
                self.note_comma(item, scope, start);
            }
        }
        self.scopes[scope].order = order;
    }

    fn aliases_in_items(&self) -> Aliases {
        match self.dialect {
            Dialect::Postgres | Dialect::BigQuery => Aliases::Hidden,
            _ => Aliases::AfterColumns,
        }
    }

    fn aliases_in_where(&self) -> Aliases {
        match self.dialect {
            Dialect::DuckDb | Dialect::Snowflake | Dialect::Redshift => Aliases::AfterColumns,
            _ => Aliases::Hidden,
        }
    }

    /// A condition on rows, taken apart at its ANDs to see which relations it connects.
    pub fn condition(&mut self, condition: &'q Expr, clause: &str, scope: usize, rows: &mut Edges) {
        self.walk_condition(condition, scope, rows);
        self.check_condition(condition, clause, scope);
    }

    pub fn walk_condition(&mut self, condition: &'q Expr, scope: usize, rows: &mut Edges) {
        let mut left = vec![condition];
        while let Some(expr) = left.pop() {
            if let ExprKind::Binary { left: first, op: BinaryOp::And, right: second } = &expr.kind {
                left.extend([&**second, &**first]);
                continue;
            }
            let before = std::mem::take(&mut self.met.relations);
            self.walk(expr, scope, Way::Filter, rows);
            let met = std::mem::replace(&mut self.met.relations, before);
            self.note_connection(scope, met);
        }
    }

    /// The columns of the select list, from where there may be more, and by column whether there
    /// is an aggregate in it.
    fn bind_items(
        &mut self,
        select: &'q Select,
        scope: usize,
    ) -> (Vec<RelationColumn>, Vec<Open>, Vec<bool>) {
        let (mut columns, mut open, mut aggregated) = (Vec::new(), Vec::new(), Vec::new());
        for item in &select.items {
            match item {
                SelectItem::Star(star) => {
                    self.note_star(star, scope);
                    let (of_star, more) = self.expand_star(star, scope);
                    aggregated.resize(aggregated.len() + of_star.len(), false);
                    columns.extend(of_star);
                    open.extend(more);
                }
                SelectItem::Expr { expr, alias } => {
                    let has_aggregate = self.bind_item(expr, alias.as_ref(), scope, &mut columns, &mut open);
                    aggregated.resize(columns.len(), has_aggregate);
                }
            }
        }
        (columns, open, aggregated)
    }

    /// Adds the columns of one item, and tells whether there is an aggregate in it.
    fn bind_item(
        &mut self,
        expr: &'q Expr,
        alias: Option<&'q Name>,
        scope: usize,
        columns: &mut Vec<RelationColumn>,
        open: &mut Vec<Open>,
    ) -> bool {
        let outer = std::mem::take(&mut self.met);
        let mut edges = Edges::new();
        self.walk(expr, scope, Way::Direct, &mut edges);
        let met = std::mem::replace(&mut self.met, outer);
        self.met.wrong |= met.wrong;
        if let Some(entries) = &met.columns {
            self.bind_columns(expr, alias, scope, entries, columns);
            if met.open_columns {
                open.push(Open::Unknown);
            }
            return met.aggregate;
        }
        let data_type = if met.wrong { None } else { self.type_of(expr, scope) };
        if alias.is_none() && self.unnests_struct(expr, scope, &edges, columns) {
            return met.aggregate;
        }
        let (name, is_named) = match alias {
            Some(alias) => (self.folded(alias), true),
            None => self.implied_name(expr, scope),
        };
        if met.wrong && alias.is_none() {
            // Under which name it was meant, who reads it cannot know.
            open.push(Open::Unknown);
        }
        let node = self.flow.add(edges);
        let at = alias.map_or(expr.at, |alias| expr.at.to(alias.at));
        let column = RelationColumn { name: name.as_str().into(), is_named, data_type, node, at };
        let reads_itself = met.bare.contains(&key(&column.name));
        let is = match &expr.kind {
            ExprKind::Column(path) => match self.look(scope, path) {
                (found_in, Look::Column { relation, column, fields: 0 }) if found_in == scope => {
                    Some((relation, column))
                }
                _ => None,
            },
            _ => None,
        };
        self.add_alias(scope, &column, reads_itself, is);
        columns.push(column);
        met.aggregate
    }

    /// An item with `COLUMNS(…)` in it: one column for each that it stands for.
    fn bind_columns(
        &mut self,
        expr: &'q Expr,
        alias: Option<&'q Name>,
        scope: usize,
        entries: &[Entry],
        columns: &mut Vec<RelationColumn>,
    ) {
        for entry in entries {
            let Some(found) = self.entry(scope, *entry) else { continue };
            let outer = std::mem::take(&mut self.met);
            let before = self.star_column.replace((scope, *entry));
            let mut edges = Edges::new();
            self.walk(expr, scope, Way::Direct, &mut edges);
            self.star_column = before;
            self.met = outer;
            let is_plain = matches!(expr.kind, ExprKind::Columns(_));
            let name = match alias {
                Some(alias) => naming::from_pattern(expr, &alias.text, &found.name),
                None => found.name.to_string(),
            };
            let node = self.flow.add(edges);
            columns.push(RelationColumn {
                name: name.as_str().into(),
                is_named: true,
                data_type: if is_plain { found.data_type } else { None },
                node,
                at: expr.at,
            });
        }
    }

    /// `unnest` of a struct gives its fields (DuckDB).
    fn unnests_struct(
        &mut self,
        expr: &'q Expr,
        scope: usize,
        edges: &Edges,
        columns: &mut Vec<RelationColumn>,
    ) -> bool {
        let ExprKind::Call(call) = &expr.kind else { return false };
        let is_unnest = call.name.len() == 1 && call.name[0].text.eq_ignore_ascii_case("unnest");
        if self.dialect != Dialect::DuckDb || !is_unnest {
            return false;
        }
        let Some(crate::sql::tree::Argument::Expr(argument)) = call.arguments.first() else { return false };
        let data_type = types::type_of(argument, &View { resolver: self, scope }, &mut Vec::new());
        let Some(fields) = data_type.and_then(|it| super::fields::fields(&it, self.dialect)) else {
            return false;
        };
        for (name, data_type) in fields {
            let node = self.flow.add(edges.clone());
            let (name, is_named) = (name.as_str().into(), true);
            columns.push(RelationColumn { name, is_named, data_type, node, at: expr.at });
        }
        true
    }

    fn group(
        &mut self,
        select: &'q Select,
        scope: usize,
        columns: &[RelationColumn],
        aggregated: &[bool],
        rows: &mut Edges,
    ) {
        match &select.group_by {
            GroupBy::No => {}
            GroupBy::All => {
                let keys = columns.iter().zip(aggregated).filter(|(_, aggregated)| !**aggregated);
                rows.extend(keys.map(|(column, _)| (column.node, Way::Group)));
            }
            GroupBy::Keys(keys) => {
                self.scopes[scope].sees_aliases = Aliases::Rescue;
                for key in keys {
                    if !Self::positional(key, columns, Way::Group, rows) {
                        self.walk(key, scope, Way::Group, rows);
                        self.type_of(key, scope);
                    }
                }
            }
        }
    }

    /// A key that counts columns of the result.
    fn positional(key: &Expr, columns: &[RelationColumn], way: Way, rows: &mut Edges) -> bool {
        let Some(place) = position(key) else { return false };
        let column = place.checked_sub(1).and_then(|place| columns.get(place));
        rows.extend(column.map(|column| (column.node, way)));
        true
    }

    /// The name of an item without an alias, and whether it is certain.
    fn implied_name(&self, expr: &Expr, scope: usize) -> (String, bool) {
        if let ExprKind::Column(path) = &expr.kind {
            return (self.name_of(path, scope), true);
        }
        (naming::implied(expr, self.dialect, self.text), false)
    }

    fn name_of(&self, path: &[Name], scope: usize) -> String {
        let last = path.last().map(|name| self.folded(name)).unwrap_or_default();
        let (found_in, look) = self.look(scope, path);
        let scope = &self.scopes[found_in];
        // Who lists a relation's columns by hand may write them in other letters than the
        // warehouse, where a bare name finds only what it is folded to.
        let is_folded = self.dialect.folding() != crate::sql::Folding::Insensitive
            && path.last().is_some_and(|name| !name.is_quoted);
        match look {
            _ if is_folded => last,
            Look::Column { relation, column, fields: 0 } => {
                scope.relations[relation].relation.columns[column].name.to_string()
            }
            Look::Merged { merged, fields: 0 } => scope.merged[merged].name.to_string(),
            _ => last,
        }
    }

    fn note_star(&mut self, star: &'q Star, scope: usize) {
        let wanted: Vec<String> = star.qualifier.iter().map(|part| key(&part.text)).collect();
        let found = &self.scopes[scope];
        let mut inputs = Vec::new();
        for relation in &found.relations {
            if relation.is_hidden || !relation.path.ends_with(&wanted) {
                continue;
            }
            if let Origin::Input(input) = relation.relation.origin
                && !inputs.contains(&input)
            {
                inputs.push(input);
            }
        }
        let is_outermost = self.depth == 1;
        self.facts.stars.push(super::facts::StarFact { at: star.at, is_outermost, inputs });
    }
}
