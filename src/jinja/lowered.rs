use std::ops::Range;
use std::sync::Arc;

use crate::text::{FileId, Span};

/// Where the text that was lowered stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Byte `n` of the text is byte `n` of the file.
    File(FileId),
    /// The text is that span's, byte for byte.
    Part(Span),
    /// The text was written there in another notation, such as a quoted YAML value.
    Within(Span),
    /// The engine wrote it itself.
    Nowhere,
}

impl Place {
    pub(super) fn span(self, range: Range<usize>) -> Option<Span> {
        match self {
            Place::File(file) => Some(Span::new(file, range.start, range.end)),
            Place::Part(span) => Some(span.part(range)),
            Place::Within(span) => Some(span),
            Place::Nowhere => None,
        }
    }
}

/// A template in the dialect of minijinja, with the way back to the text it was made of.
#[derive(Clone, Debug)]
pub(super) struct Lowered {
    /// What minijinja calls the template.
    pub(super) name: Arc<str>,
    pub(super) text: String,
    /// What was lowered: names in messages are cut out of it.
    pub(super) source: Arc<str>,
    pub(super) place: Place,
    /// Whether the [`Store`](super::store::Store) has it under its name, so that it is compiled
    /// once for all renders.
    pub(super) is_common: bool,
    runs: Vec<Run>,
    expressions: Vec<Lowering>,
}

/// A run of lowered text with one origin; it goes on to the next run's start.
#[derive(Clone, Copy, Debug)]
struct Run {
    at: u32,
    from: u32,
    to: u32,
    is_copied: bool,
}

/// An expression before and after.
#[derive(Clone, Copy, Debug)]
struct Lowering {
    at: u32,
    end: u32,
    from: u32,
    to: u32,
}

fn narrow(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

impl Lowered {
    /// The bytes of the source that a range of the lowered text was made of.
    ///
    /// minijinja's range of a call or lookup ends where the expression ends, but may
    /// begin late (at the `.` of `a.b`): the expression with that end is meant.
    pub(super) fn source_range(&self, range: &Range<usize>) -> Range<usize> {
        let (start, end) = (narrow(range.start), narrow(range.end));
        let ending = |found: &&Lowering| found.end == end && found.at <= start;
        let meant = self.expressions.iter().filter(ending).max_by_key(|found| found.at);
        if let Some(found) = meant {
            return found.from as usize..found.to as usize;
        }
        let from = self.source_start(range.start);
        let to = self.source_end(range.end);
        from..to.max(from)
    }

    /// The span in the user's file.
    pub(super) fn span(&self, range: &Range<usize>) -> Option<Span> {
        self.place.span(self.source_range(range))
    }

    /// The span of text that was copied byte for byte.
    pub(super) fn copied_span(&self, range: &Range<usize>) -> Option<Span> {
        let from = self.source_start(range.start);
        self.place.span(from..from + range.len())
    }

    fn run_at(&self, at: usize) -> Option<&Run> {
        let after = self.runs.partition_point(|run| run.at as usize <= at);
        self.runs.get(after.checked_sub(1)?)
    }

    fn source_start(&self, at: usize) -> usize {
        match self.run_at(at) {
            Some(run) if run.is_copied => (run.from as usize + (at - run.at as usize)).min(run.to as usize),
            Some(run) => run.from as usize,
            None => 0,
        }
    }

    fn source_end(&self, end: usize) -> usize {
        match end.checked_sub(1).and_then(|last| self.run_at(last)) {
            Some(run) if run.is_copied => (run.from as usize + (end - run.at as usize)).min(run.to as usize),
            Some(run) => run.to as usize,
            None => 0,
        }
    }
}

/// Writes a [`Lowered`] template.
pub(super) struct LoweredWriter<'a> {
    source: &'a str,
    text: String,
    runs: Vec<Run>,
    expressions: Vec<Lowering>,
}

impl<'a> LoweredWriter<'a> {
    pub(super) fn new(source: &'a str) -> Self {
        Self { source, text: String::new(), runs: Vec::new(), expressions: Vec::new() }
    }

    pub(super) fn source(&self) -> &'a str {
        self.source
    }

    pub(super) fn length(&self) -> usize {
        self.text.len()
    }

    /// Copies bytes of the source.
    pub(super) fn copy(&mut self, range: &Range<usize>) {
        let run = Run {
            at: narrow(self.text.len()),
            from: narrow(range.start),
            to: narrow(range.end),
            is_copied: true,
        };
        self.runs.push(run);
        self.text.push_str(&self.source[range.clone()]);
    }

    /// Writes what is not in the source, on behalf of what stands at `range`.
    pub(super) fn write(&mut self, text: &str, range: &Range<usize>) {
        let (from, to) = (narrow(range.start), narrow(range.end));
        match self.runs.last() {
            Some(run) if !run.is_copied && run.from == from && run.to == to => {}
            _ => self.runs.push(Run { at: narrow(self.text.len()), from, to, is_copied: false }),
        }
        self.text.push_str(text);
    }

    /// Notes that the text from `start` to here is the expression at `range`.
    pub(super) fn lowered(&mut self, start: usize, range: &Range<usize>) {
        self.expressions.push(Lowering {
            at: narrow(start),
            end: narrow(self.text.len()),
            from: narrow(range.start),
            to: narrow(range.end),
        });
    }

    pub(super) fn finish(self, name: Arc<str>, source: Arc<str>, place: Place) -> Lowered {
        let Self { text, runs, expressions, .. } = self;
        Lowered { name, text, source, place, is_common: false, runs, expressions }
    }
}
