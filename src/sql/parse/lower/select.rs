use sqlparser::ast::{self, Expr as Theirs};
use sqlparser::tokenizer::Token;

use super::{Lower, Lowered};
use crate::sql::Dialect;
use crate::sql::tree::{
    Alias, Distinct, Expr, ExprKind, FromItem, GroupBy, Select, SelectItem, Star, TableFunction, TextRange,
    Window,
};

/// Words that end a select, where they stand in no brackets.
const AFTER_SELECT: &[&str] =
    &["union", "intersect", "except", "minus", "order", "limit", "offset", "fetch", "for"];

impl Lower<'_> {
    pub(super) fn select(&mut self, mut select: ast::Select, limit: &mut Vec<Expr>) -> Lowered<Select> {
        if let Some(into) = select.into {
            let at = into.targets.into_iter().next().map(|target| self.expr(target)).transpose()?;
            let at = at.map_or_else(|| self.here(), |target| target.at);
            return Err(self.error("expected a query, found one that writes a table (`INTO`)", at));
        }
        let mut at = self.leaf(select.select_token.0.span);
        let mut from = None;
        if select.flavor == ast::SelectFlavor::FromFirst {
            from = Some(self.from(std::mem::take(&mut select.from))?);
            self.cursor = at.end;
        }
        let distinct = match select.distinct {
            None | Some(ast::Distinct::All) => Distinct::No,
            Some(ast::Distinct::Distinct) => Distinct::Yes,
            Some(ast::Distinct::On(exprs)) => Distinct::On(self.exprs(exprs)?),
        };
        if let Some(ast::Top { quantity: Some(ast::TopQuantity::Expr(expr)), .. }) = select.top {
            limit.push(self.expr(expr)?);
        }
        let mut items = Vec::with_capacity(select.projection.len());
        for item in select.projection {
            self.select_item(item, &mut items)?;
        }
        if let Some(exclude) = select.exclude {
            self.exclude_from(&mut items, exclude);
        }
        if matches!(
            select.value_table_mode,
            Some(ast::ValueTableMode::AsValue | ast::ValueTableMode::DistinctAsValue)
        ) {
            items = self.as_value(items);
        }
        if select.flavor == ast::SelectFlavor::FromFirstNoSelect {
            items.push(SelectItem::Star(Star { at, ..Star::default() }));
        }
        let mut from = match from {
            Some(from) => {
                if let Some(first) = from.first() {
                    let word = self.tokens.before(first.at().start);
                    at = word.map_or(at, |word| at.to(self.tokens.at(word)));
                }
                from
            }
            None => self.from(select.from)?,
        };
        for view in select.lateral_views {
            from.push(self.lateral_view(view)?);
        }
        let prewhere = self.optional(select.prewhere)?;
        let filter = self.optional(select.selection)?.or(prewhere);
        let mut connect_by = Vec::new();
        for part in select.connect_by {
            match part {
                ast::ConnectByKind::ConnectBy { relationships, .. } => {
                    connect_by.extend(self.exprs(relationships)?);
                }
                ast::ConnectByKind::StartWith { condition, .. } => connect_by.push(self.expr(*condition)?),
            }
        }
        let group_by = self.group_by(select.group_by)?;
        self.exprs(select.cluster_by)?;
        self.exprs(select.distribute_by)?;
        self.order_keys(select.sort_by)?;
        // QUALIFY and WINDOW may stand in either order.
        let having = self.optional(select.having)?;
        let mut windows = Vec::with_capacity(select.named_window.len());
        for ast::NamedWindowDefinition(ident, window) in select.named_window {
            let name = self.name(ident);
            let window = match window {
                ast::NamedWindowExpr::NamedWindow(ident) => Window::Named(self.name(ident)),
                ast::NamedWindowExpr::WindowSpec(spec) => self.window(spec)?,
            };
            windows.push((name, window));
        }
        let qualify = self.optional(select.qualify)?;
        let at = self.through_select(at);
        self.cursor = at.end;
        Ok(Select { distinct, items, from, filter, group_by, having, qualify, windows, connect_by, at })
    }

    /// From the first word of a select to its last token.
    fn through_select(&self, start: TextRange) -> TextRange {
        let first = self.tokens.after(start.start);
        let mut at = start;
        let mut next = first;
        // A word between two points or after one is a name.
        while next < self.tokens.len() && self.tokens.parent(next) == self.tokens.parent(first) {
            let is_name = next > 0 && self.tokens.is(next - 1, &Token::Period);
            let ends = match self.tokens.token(next) {
                Some(Token::RParen | Token::SemiColon | Token::VerticalBarRightAngleBracket) => {
                    // A bracket that was closed is passed with its opener.
                    true
                }
                Some(Token::Word(_)) => {
                    !is_name && self.tokens.is_any_word(next, AFTER_SELECT) && !self.is_part_of_select(next)
                }
                _ => false,
            };
            if ends && at.end >= self.cursor.min(self.tokens.at(next).start) {
                break;
            }
            at = at.to(self.tokens.at(next));
            next = match self.tokens.partner(next) {
                Some(closer) if closer > next => {
                    at = at.to(self.tokens.at(closer));
                    closer + 1
                }
                _ => next + 1,
            };
        }
        at
    }

    /// `* EXCEPT (a)`, `FOR SYSTEM_TIME AS OF`, `WITH OFFSET`: words that would end a select in other places.
    fn is_part_of_select(&self, index: usize) -> bool {
        let before = |word: &str| index > 0 && self.tokens.is_word(index - 1, word);
        index > 0 && self.tokens.is(index - 1, &Token::Mul)
            || self.tokens.is_word(index, "offset") && before("with")
            || self.tokens.is_word(index, "for")
                && self
                    .tokens
                    .is_any_word(index + 1, &["system_time", "version", "timestamp", "system_version"])
            || before("as")
            || self.tokens.at(index).start < self.cursor
    }

    pub(super) fn select_item(&mut self, item: ast::SelectItem, items: &mut Vec<SelectItem>) -> Lowered<()> {
        match item {
            ast::SelectItem::UnnamedExpr(expr) => {
                let expr = self.expr(expr)?;
                items.push(SelectItem::Expr { expr, alias: None });
            }
            ast::SelectItem::ExprWithAlias { expr, alias } => {
                let expr = self.expr(expr)?;
                let alias = self.name(alias);
                let is_test = !alias.is_quoted
                    && alias.text.eq_ignore_ascii_case("isnull")
                    && self.tokens.at(self.tokens.after(expr.at.end)) == alias.at;
                if is_test {
                    let at = expr.at.to(alias.at);
                    let kind = ExprKind::IsNull { expr: Box::new(expr), is_negated: false };
                    items.push(SelectItem::Expr { expr: Expr::new(kind, at), alias: None });
                    return Ok(());
                }
                items.push(SelectItem::Expr { expr, alias: Some(alias) });
            }
            // `explode(m) AS (k, v)`: each is made of the whole.
            ast::SelectItem::ExprWithAliases { expr, aliases } => {
                let expr = self.expr(expr)?;
                for alias in aliases {
                    let alias = Some(self.name(alias));
                    let kind = ExprKind::Other { what: "one of many".to_owned(), parts: vec![expr.clone()] };
                    items.push(SelectItem::Expr { expr: Expr::new(kind, expr.at), alias });
                }
            }
            ast::SelectItem::Wildcard(options) => {
                items.push(SelectItem::Star(self.star(Vec::new(), options)?));
            }
            ast::SelectItem::QualifiedWildcard(kind, options) => {
                let qualifier = match kind {
                    ast::SelectItemQualifiedWildcardKind::ObjectName(name) => self.names(name),
                    ast::SelectItemQualifiedWildcardKind::Expr(expr) => {
                        let expr = self.expr(expr)?;
                        match expr.kind {
                            ExprKind::Column(names) => names,
                            // The fields of a value that no name stands for.
                            kind => {
                                let star = self.star(Vec::new(), options)?;
                                let at = expr.at.to(star.at);
                                let parts = vec![Expr::new(kind, expr.at)];
                                let expr = Expr::new(ExprKind::Other { what: ".*".to_owned(), parts }, at);
                                items.push(SelectItem::Expr { expr, alias: None });
                                return Ok(());
                            }
                        }
                    }
                };
                items.push(SelectItem::Star(self.star(qualifier, options)?));
            }
        }
        Ok(())
    }

    pub(super) fn star(
        &mut self,
        qualifier: Vec<crate::sql::tree::Name>,
        options: ast::WildcardAdditionalOptions,
    ) -> Lowered<Star> {
        let token = self.leaf(options.wildcard_token.0.span);
        let at = qualifier.iter().fold(token, |at, name| at.to(name.at));
        let mut star = Star { qualifier, at, ..Star::default() };
        if let Some(ilike) = options.opt_ilike {
            // `ILIKE 'pattern'`.
            let string = self.tokens.at(self.tokens.after(self.cursor) + 1);
            self.cursor = string.end;
            star.pattern = Some(("ilike".to_owned(), ilike.pattern));
        }
        if let Some(exclude) = options.opt_exclude {
            self.exclude(&mut star, exclude);
        }
        if let Some(except) = options.opt_except {
            star.exclude.push(self.name(except.first_element));
            for ident in except.additional_elements {
                star.exclude.push(self.name(ident));
            }
            self.close();
        }
        if let Some(replace) = options.opt_replace {
            for item in replace.items {
                let expr = self.expr(item.expr)?;
                star.replace.push((expr, self.name(item.column_name)));
            }
            self.close();
        }
        match options.opt_rename {
            Some(ast::RenameSelectItem::Single(item)) => {
                star.rename.push((self.name(item.ident), self.name(item.alias)));
            }
            Some(ast::RenameSelectItem::Multiple(items)) => {
                for item in items {
                    star.rename.push((self.name(item.ident), self.name(item.alias)));
                }
                self.close();
            }
            None => {}
        }
        if self.dialect == Dialect::DuckDb && star.pattern.is_none() {
            self.star_pattern(&mut star);
        }
        star.at = star.at.to(self.here());
        Ok(star)
    }

    /// DuckDB's `* NOT LIKE 'a%'`.
    fn star_pattern(&mut self, star: &mut Star) {
        let first = self.tokens.after(self.cursor);
        let end = self.tokens.after_star_pattern(first);
        if end == first {
            return;
        }
        let Some(Token::SingleQuotedString(pattern)) = self.tokens.token(end - 1) else { return };
        let words: Vec<_> = (first..end - 1).filter_map(|index| self.tokens.word(index)).collect();
        star.pattern = Some((words.join(" ").to_lowercase(), pattern.clone()));
        self.cursor = self.tokens.at(end - 1).end;
    }

    fn exclude(&mut self, star: &mut Star, exclude: ast::ExcludeSelectItem) {
        let mut last = |lower: &mut Self, name| star.exclude.extend(lower.names(name).pop());
        match exclude {
            ast::ExcludeSelectItem::Single(name) => last(self, name),
            ast::ExcludeSelectItem::Multiple(names) => {
                for name in names {
                    last(self, name);
                }
                self.close();
            }
        }
    }

    /// Redshift's `SELECT * EXCLUDE a` after all items.
    fn exclude_from(&mut self, items: &mut [SelectItem], exclude: ast::ExcludeSelectItem) {
        let mut whole = Star::default();
        self.exclude(&mut whole, exclude);
        for item in items {
            if let SelectItem::Star(star) = item {
                star.exclude.extend(whole.exclude.iter().cloned());
                star.at = star.at.to(self.here());
            }
        }
    }

    /// `SELECT AS VALUE x`: the columns are the fields of the one item.
    fn as_value(&self, items: Vec<SelectItem>) -> Vec<SelectItem> {
        let mut made = Vec::new();
        for item in items {
            match item {
                SelectItem::Expr { expr: Expr { kind: ExprKind::Column(qualifier), at }, .. } => {
                    made.push(SelectItem::Star(Star { qualifier, at, ..Star::default() }));
                }
                SelectItem::Expr { expr: Expr { kind: ExprKind::Struct(fields), .. }, .. } => {
                    let field = |(name, expr)| SelectItem::Expr { expr, alias: Some(name) };
                    made.extend(fields.into_iter().map(field));
                }
                SelectItem::Expr { expr, alias } => {
                    let expr = self.other("as value", vec![expr]);
                    made.push(SelectItem::Expr { expr, alias });
                }
                star @ SelectItem::Star(_) => made.push(star),
            }
        }
        made
    }

    /// Passes the bracket that closes after the last leaf.
    fn close(&mut self) {
        let next = self.tokens.after(self.cursor);
        if self.tokens.is(next, &Token::RParen) {
            self.cursor = self.tokens.at(next).end;
        }
    }

    fn group_by(&mut self, group_by: ast::GroupByExpr) -> Lowered<GroupBy> {
        let (exprs, modifiers) = match group_by {
            ast::GroupByExpr::All(_) => return Ok(GroupBy::All),
            ast::GroupByExpr::Expressions(exprs, modifiers) => (exprs, modifiers),
        };
        let mut keys = Vec::new();
        for expr in exprs {
            self.group_key(expr, &mut keys)?;
        }
        for modifier in modifiers {
            if let ast::GroupByWithModifier::GroupingSets(expr) = modifier {
                self.group_key(expr, &mut keys)?;
            }
        }
        Ok(if keys.is_empty() { GroupBy::No } else { GroupBy::Keys(keys) })
    }

    fn group_key(&mut self, expr: Theirs, keys: &mut Vec<Expr>) -> Lowered<()> {
        self.deeper(1, |lower| {
            match expr {
                Theirs::GroupingSets(sets) | Theirs::Cube(sets) | Theirs::Rollup(sets) => {
                    for expr in sets.into_iter().flatten() {
                        lower.group_key(expr, keys)?;
                    }
                }
                Theirs::Tuple(exprs) => {
                    for expr in exprs {
                        lower.group_key(expr, keys)?;
                    }
                }
                expr => keys.push(lower.expr(expr)?),
            }
            Ok(())
        })
    }

    /// `LATERAL VIEW [OUTER] explode(x) name AS column`.
    fn lateral_view(&mut self, view: ast::LateralView) -> Lowered<FromItem> {
        let call = self.expr(view.lateral_view)?;
        let mut at = call.at;
        let mut first = self.tokens.before(at.start);
        while let Some(index) = first
            && self.tokens.is_any_word(index, &["lateral", "view", "outer"])
        {
            at = at.to(self.tokens.at(index));
            first = index.checked_sub(1);
        }
        let alias = self.names(view.lateral_view_name);
        let columns: Vec<_> = view.lateral_col_alias.into_iter().map(|ident| self.name(ident)).collect();
        at = alias.iter().chain(&columns).fold(at, |at, name| at.to(name.at));
        let alias = alias.into_iter().next_back().map(|name| Alias { name, columns });
        let (name, arguments) = super::from::called(call);
        Ok(FromItem::Function(Box::new(TableFunction { name, arguments, alias, ordinality: None, at })))
    }
}
