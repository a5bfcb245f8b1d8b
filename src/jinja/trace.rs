use std::ops::Range;
use std::sync::Arc;

use super::lowered::{Lowered, Place};
use super::mark::{Mark, Marked, take_apart};
use super::store::Store;
use super::{Value, python, session};
use crate::text::{Frame, Origin, Segment, SourceMap, Span};

/// The number that marks give to the template that is rendered.
pub(super) const RENDERED: usize = usize::MAX;

pub(super) fn install(env: &mut minijinja::Environment<'static>) {
    env.add_filter("xform_mark", |value: &Value, template: u64, start: usize, end: usize| {
        let template = usize::try_from(template).unwrap_or(RENDERED);
        let text = if session::is_undefined(value) { String::new() } else { python::text(value) };
        Mark::Value { template, range: start..end }.around(&text)
    });
}

/// A mark that is open.
struct Open {
    mark: Mark,
    /// The macro calls around what it holds, innermost first.
    trace: Arc<[Frame]>,
    span: Option<Span>,
    /// Bytes of a copied text that were met so far.
    copied: usize,
}

/// The text without its marks, and where each piece comes from. `None` when the marks do
/// not fit together: something took the text apart.
pub(super) fn unmark(text: &str, rendered: &Lowered, store: &Store) -> Option<(String, SourceMap)> {
    let mut plain = String::new();
    let mut segments = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    for part in take_apart(text)? {
        match part {
            Marked::Open(mark) => {
                let next = opened(mark, open.last(), rendered, store)?;
                open.push(next);
            }
            Marked::Close => {
                open.pop()?;
            }
            Marked::Text(piece) => {
                let output = plain.len()..plain.len() + piece.len();
                plain.push_str(piece);
                if let Some(segment) = open.last_mut().and_then(|open| written(open, piece, output)) {
                    segments.push(segment);
                }
            }
        }
    }
    open.is_empty().then(|| (plain, SourceMap::new(segments)))
}

fn opened(mark: Mark, around: Option<&Open>, rendered: &Lowered, store: &Store) -> Option<Open> {
    let trace = around.map_or_else(|| Arc::from([]), |open| Arc::clone(&open.trace));
    let (trace, span) = match &mark {
        Mark::Text { template, range } | Mark::Value { template, range } => {
            let place = place_of(*template, rendered, store)?;
            (trace, place.span(range.clone()))
        }
        Mark::Macro { template } => {
            let call = around.and_then(|open| open.span);
            let name = store.numbered(*template)?.qualified_name.clone();
            let frames = std::iter::once(Frame { name, call }).chain(trace.iter().cloned());
            (frames.collect(), call)
        }
    };
    Some(Open { mark, trace, span, copied: 0 })
}

fn place_of(template: usize, rendered: &Lowered, store: &Store) -> Option<Place> {
    if template == RENDERED {
        return Some(rendered.place);
    }
    store.numbered(template).map(|source| source.place())
}

/// The segment of a piece of text right inside of a mark.
fn written(open: &mut Open, piece: &str, output: Range<usize>) -> Option<Segment> {
    let span = open.span?;
    let is_copied = matches!(&open.mark, Mark::Text { .. }) && open.copied + piece.len() <= span.len();
    let span = if is_copied { span.part(open.copied..open.copied + piece.len()) } else { span };
    open.copied += piece.len();
    Some(Segment { output, origin: Origin { span, is_copied, trace: Arc::clone(&open.trace) } })
}
