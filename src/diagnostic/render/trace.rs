use crate::diagnostic::Diagnostic;
use crate::text::{Files, Frame};

/// Calls shown at each end of a long trace.
const SHOWN: usize = 4;

/// The macro calls that led to the place, innermost first, a phrase each:
/// ``in macro `shop.cents` called at models/orders.sql:3:5``. Of a long trace the middle
/// is left out.
pub(super) fn trace(diagnostic: &Diagnostic, files: &Files) -> Vec<String> {
    let phrase = |frame: &Frame| match frame.call {
        Some(call) => format!("in macro `{}` called at {}", frame.name, files.location(call)),
        None => format!("in macro `{}`", frame.name),
    };
    let frames = diagnostic.trace();
    if frames.len() <= 2 * SHOWN + 1 {
        return frames.iter().map(phrase).collect();
    }
    // Of an endless recursion only some calls are kept, so there is no count to give.
    let between = "… and more calls between".to_owned();
    let (first, last) = (&frames[..SHOWN], &frames[frames.len() - SHOWN..]);
    first.iter().map(phrase).chain([between]).chain(last.iter().map(phrase)).collect()
}
