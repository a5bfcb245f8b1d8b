use crate::sql::Dialect;
use crate::sql::tree::{ColumnsPattern, Expr, ExprKind};

/// The name that an engine gives to an expression without an alias, as far as we know its ways.
pub(super) fn implied(expr: &Expr, dialect: Dialect, text: &str) -> String {
    match (&expr.kind, dialect) {
        (ExprKind::Field { field, .. }, _) => field.text.clone(),
        (ExprKind::Call(call), Dialect::Postgres | Dialect::Redshift) => {
            call.name.last().map(|name| name.text.to_lowercase()).unwrap_or_default()
        }
        (ExprKind::Cast { expr, .. }, Dialect::Postgres | Dialect::Redshift) => match &expr.kind {
            ExprKind::Column(path) => path.last().map(|name| name.text.clone()).unwrap_or_default(),
            _ => implied(expr, dialect, text),
        },
        (ExprKind::Case(_), Dialect::Postgres | Dialect::Redshift) => "case".to_owned(),
        (_, Dialect::Postgres | Dialect::Redshift) => "?column?".to_owned(),
        _ => text.get(expr.at.range()).unwrap_or_default().to_owned(),
    }
}

/// The alias of `COLUMNS('(a)_(b)') AS '\2\1'`: groups of the pattern put in.
pub(super) fn from_pattern(expr: &Expr, alias: &str, column: &str) -> String {
    let ExprKind::Columns(ColumnsPattern::Regex(pattern)) = &expr.kind else { return alias.to_owned() };
    let Ok(regex) = fancy_regex::Regex::new(pattern) else { return alias.to_owned() };
    let Ok(Some(groups)) = regex.captures(column) else { return alias.to_owned() };
    let mut name = String::new();
    let mut letters = alias.chars().peekable();
    while let Some(letter) = letters.next() {
        match (letter, letters.peek().and_then(|next| next.to_digit(10))) {
            ('\\', Some(group)) => {
                letters.next();
                name.push_str(groups.get(group as usize).map_or("", |group| group.as_str()));
            }
            _ => name.push(letter),
        }
    }
    name
}
