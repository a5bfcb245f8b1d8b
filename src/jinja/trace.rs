use std::ops::Range;
use std::sync::Arc;

use super::lowered::Lowered;
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
    /// The macro calls around what it holds, innermost first.
    trace: Arc<[Frame]>,
    /// What wrote it.
    span: Option<Span>,
    /// Of copied text: the source, and what of it comes next.
    copied: Option<(Arc<str>, Range<usize>)>,
}

/// The text without its marks, and where each piece comes from. `None` when the marks do
/// not fit together: something took the text apart.
pub(super) fn unmark(text: &str, rendered: &Lowered, store: &Store) -> Option<(String, SourceMap)> {
    let mut unmarking = Unmarking { rendered, store, plain: String::new(), pieces: Vec::new() };
    let mut open: Vec<Open> = Vec::new();
    for part in take_apart(text)? {
        match part {
            Marked::Open(mark) => {
                let next = unmarking.opened(&mark, open.last())?;
                open.push(next);
            }
            Marked::Close => {
                open.pop()?;
            }
            Marked::Text(text) => unmarking.written(open.last_mut(), text),
        }
    }
    let Unmarking { plain, pieces, .. } = unmarking;
    let segments = pieces.into_iter().filter_map(Piece::segment).collect();
    open.is_empty().then(|| (plain, SourceMap::new(segments)))
}

/// A piece of the text without marks.
struct Piece {
    output: Range<usize>,
    span: Option<Span>,
    trace: Arc<[Frame]>,
    /// Of copied text: the source, and the bytes of it that were copied.
    copied: Option<(Arc<str>, Range<usize>)>,
}

impl Piece {
    fn segment(self) -> Option<Segment> {
        let origin = Origin { span: self.span?, is_copied: self.copied.is_some(), trace: self.trace };
        Some(Segment { output: self.output, origin })
    }
}

struct Unmarking<'a> {
    rendered: &'a Lowered,
    store: &'a Store,
    plain: String,
    pieces: Vec<Piece>,
}

impl Unmarking<'_> {
    fn opened(&self, mark: &Mark, around: Option<&Open>) -> Option<Open> {
        let trace = around.map_or_else(|| Arc::from([]), |open| Arc::clone(&open.trace));
        Some(match mark {
            Mark::Text { template, range } => {
                let (source, span) = self.source(*template, range)?;
                Open { trace, span, copied: Some((source, range.clone())) }
            }
            Mark::Value { template, range } => {
                let (_, span) = self.source(*template, range)?;
                Open { trace, span, copied: None }
            }
            Mark::Macro { template } => {
                let call = around.and_then(|open| open.span);
                let name = self.store.numbered(*template)?.qualified_name.clone();
                let frames = std::iter::once(Frame { name, call }).chain(trace.iter().cloned());
                Open { trace: frames.collect(), span: call, copied: None }
            }
        })
    }

    /// The text of a template, and where a part of it stands.
    fn source(&self, template: usize, range: &Range<usize>) -> Option<(Arc<str>, Option<Span>)> {
        if template == RENDERED {
            let Lowered { source, place, .. } = self.rendered;
            return Some((Arc::clone(source), place.span(range.clone())));
        }
        let found = self.store.numbered(template)?;
        Some((Arc::clone(&found.lowered.source), found.place().span(range.clone())))
    }

    /// Text right inside of a mark, or of none.
    fn written(&mut self, open: Option<&mut Open>, text: &str) {
        let start = self.plain.len();
        self.plain.push_str(text);
        let output = start..self.plain.len();
        if text.trim().is_empty() && self.follows_copied(text) {
            return;
        }
        let Some(open) = open else {
            self.pieces.push(Piece { output, span: None, trace: Arc::from([]), copied: None });
            return;
        };
        let mut piece = Piece { output, span: open.span, trace: Arc::clone(&open.trace), copied: None };
        if let (Some((source, rest)), Some(span)) = (&mut open.copied, open.span) {
            let range = rest.start..rest.start + text.len();
            // A filter may have changed what was copied.
            if source.get(range.clone()) == Some(text) {
                let base = span.len() - rest.len();
                piece.span = Some(span.part(base..base + text.len()));
                rest.start = range.end;
                piece.copied = Some((Arc::clone(source), range));
                self.take_space_before(&mut piece);
            }
        }
        self.pieces.push(piece);
    }

    /// Spaces stand outside of marks: those that follow copied text in its source as well
    /// were copied with it.
    fn follows_copied(&mut self, space: &str) -> bool {
        let Some(Piece { output, span: Some(span), copied: Some((source, range)), .. }) =
            self.pieces.last_mut()
        else {
            return false;
        };
        let is_next = source.get(range.end..).is_some_and(|rest| rest.starts_with(space));
        if is_next {
            output.end += space.len();
            range.end += space.len();
            *span = Span::new(span.file, span.range().start, span.range().end + space.len());
        }
        is_next
    }

    /// The same for spaces before copied text.
    fn take_space_before(&mut self, piece: &mut Piece) {
        let Some(before) = self.pieces.last().filter(|before| before.copied.is_none()) else { return };
        let space = &self.plain[before.output.clone()];
        let (Some((source, range)), Some(span)) = (&mut piece.copied, &mut piece.span) else { return };
        let is_space = space.trim().is_empty() && before.output.end == piece.output.start;
        if is_space && source[..range.start].ends_with(space) {
            piece.output.start -= space.len();
            range.start -= space.len();
            *span = Span::new(span.file, span.range().start - space.len(), span.range().end);
            self.pieces.pop();
        }
    }
}
