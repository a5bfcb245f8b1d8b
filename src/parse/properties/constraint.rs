use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::manifest::{Constraint, ConstraintKind};
use crate::yaml::{Reader, Yaml};

/// The `constraints:` of a column or, without `column`, of a whole table; `of` is what has them,
/// for messages. A reference in `to` stays as written: it means something once all nodes are
/// known. See <https://docs.getdbt.com/reference/resource-properties/constraints>.
pub(super) fn constraints(reader: &mut Reader<'_>, of: &str, column: Option<&str>) -> Vec<Constraint> {
    let items: Vec<Yaml> = reader.list("constraints").unwrap_or_default();
    let mut diagnostics = Vec::new();
    let all = items.iter().filter_map(|item| constraint(item, of, column, &mut diagnostics)).collect();
    reader.complain_all(diagnostics);
    all
}

fn constraint(
    yaml: &Yaml,
    of: &str,
    column: Option<&str>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Constraint> {
    let what = format!("a constraint of {of}");
    let mut reader = Reader::new(yaml, &what, Code::InvalidConfig, diagnostics)?;
    let kind = reader.scalar("type");
    reader.allow(&[
        "name",
        "expression",
        "warn_unenforced",
        "warn_unsupported",
        "to",
        "to_columns",
        "columns",
    ]);
    let found = kind.as_ref().and_then(|kind| ConstraintKind::find(&kind.value));
    match (&kind, found) {
        (None, _) => {
            let span = reader.span();
            let names = kinds();
            reader.complain(
                Diagnostic::new(Code::InvalidConfig, format!("{what} has no `type`"))
                    .label(span, "")
                    .help(format!("the types are {names}")),
            );
        }
        (Some(kind), None) => {
            let message = format!("{of} has a constraint of an invalid type, `{}`", kind.value);
            let names = ConstraintKind::ALL.map(ConstraintKind::name);
            reader.complain(
                Diagnostic::new(Code::InvalidConfig, message).label(kind.span, "").help(
                    suggest::similar("type", &kind.value, names)
                        .unwrap_or_else(|| format!("the types are {}", kinds())),
                ),
            );
        }
        _ => {}
    }
    let constraint = found.map(|kind| Constraint {
        kind,
        name: reader.scalar("name").map(|name| name.value),
        expression: reader.scalar("expression").map(|expression| expression.value),
        warn_unenforced: reader.get("warn_unenforced").unwrap_or(true),
        warn_unsupported: reader.get("warn_unsupported").unwrap_or(true),
        to: reader.get("to"),
        target: None,
        to_columns: reader.list("to_columns").unwrap_or_default(),
        columns: match column {
            None => reader.list("columns").unwrap_or_default(),
            Some(_) => {
                reader.allow(&["columns"]);
                Vec::new()
            }
        },
        on_column: column.is_some(),
        span: kind_span(yaml),
    });
    if let Some(missing) = constraint.as_ref().and_then(missing) {
        let name = constraint.as_ref().map_or("", |constraint| constraint.kind.name());
        reader.complain(
            Diagnostic::warning(
                Code::InvalidConfig,
                format!("the constraint `{name}` of {of} has no effect"),
            )
            .label(kind_span(yaml), format!("it has no {missing}"))
            .help(format!("add {missing}, or remove the constraint")),
        );
    }
    diagnostics.extend(reader.finish());
    constraint
}

/// What a constraint lacks without which there is nothing to demand.
fn missing(constraint: &Constraint) -> Option<&'static str> {
    let has_expression = constraint.expression.is_some();
    match constraint.kind {
        ConstraintKind::Check | ConstraintKind::Custom if !has_expression => Some("`expression`"),
        ConstraintKind::ForeignKey if !has_expression && constraint.to.is_none() => {
            Some("`to` and `to_columns`, or an `expression`")
        }
        ConstraintKind::Unique | ConstraintKind::PrimaryKey
            if !constraint.on_column && constraint.columns.is_empty() =>
        {
            Some("`columns`")
        }
        _ => None,
    }
}

fn kind_span(yaml: &Yaml) -> crate::text::Span {
    let kind = yaml.as_mapping().and_then(|mapping| mapping.get("type"));
    kind.map_or(yaml.place(), |kind| kind.span)
}

fn kinds() -> String {
    ConstraintKind::ALL.map(|kind| format!("`{}`", kind.name())).join(", ")
}
