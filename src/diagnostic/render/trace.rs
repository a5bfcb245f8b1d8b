use crate::diagnostic::Diagnostic;
use crate::text::Files;

/// The macro calls that led to the place, innermost first, a phrase each:
/// ``in macro `shop.cents` called at models/orders.sql:3:5``.
pub(super) fn trace(diagnostic: &Diagnostic, files: &Files) -> Vec<String> {
    let phrase = |(name, call): (&String, Option<_>)| match call {
        Some(call) => format!("in macro `{name}` called at {}", files.location(call)),
        None => format!("in macro `{name}`"),
    };
    diagnostic.trace().iter().map(|frame| phrase((&frame.name, frame.call))).collect()
}
