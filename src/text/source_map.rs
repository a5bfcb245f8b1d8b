use std::ops::Range;
use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Serialize};

use super::{FileId, Span};

/// One macro call on the way to a place: `name` was called at `call`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Frame {
    /// The macro, as `package.name`.
    pub name: String,
    /// Where the call was written.
    pub call: Option<Span>,
}

/// Where a piece of produced text comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    pub span: Span,
    /// Copied text maps byte for byte; text that an expression produced maps to the
    /// expression as a whole.
    pub is_copied: bool,
    /// Macro calls that led there, innermost first.
    pub trace: Arc<[Frame]>,
}

/// A run of bytes in the produced text with one origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    pub output: Range<usize>,
    pub origin: Origin,
}

/// What makes the segments of a map.
type Make = Box<dyn FnOnce() -> Vec<Segment> + Send>;

/// The map from produced text (compiled SQL) back to the templates it came from. Cheap to clone.
/// Most maps are never looked into, for most SQL is right: one can be made when that happens.
#[derive(Clone)]
pub struct SourceMap {
    segments: Arc<LazyLock<Vec<Segment>, Make>>,
}

impl SourceMap {
    /// Segments in any order; they must not overlap.
    #[must_use]
    pub fn new(segments: Vec<Segment>) -> Self {
        Self::of(move || in_order(segments))
    }

    /// A map that `make` makes when it is first asked for an origin.
    #[must_use]
    pub fn lazy(make: impl FnOnce() -> Self + Send + 'static) -> Self {
        Self::of(move || make().segments().to_vec())
    }

    fn of(make: impl FnOnce() -> Vec<Segment> + Send + 'static) -> Self {
        Self { segments: Arc::new(LazyLock::new(Box::new(make))) }
    }

    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// Where the bytes `range` of the produced text come from: exact where they were
    /// copied, the producing expression otherwise. `None` when no template wrote them.
    #[must_use]
    pub fn origin(&self, range: Range<usize>) -> Option<Origin> {
        let after = self.segments.partition_point(|segment| segment.output.start <= range.start);
        let segment = self.segments.get(after.checked_sub(1)?)?;
        if range.start >= segment.output.end {
            return None;
        }
        let mut origin = segment.origin.clone();
        if origin.is_copied {
            let from = range.start - segment.output.start;
            let to = range.end.min(segment.output.end) - segment.output.start;
            origin.span = origin.span.part(from..to.max(from));
        }
        Some(origin)
    }

    /// The same map with all that comes from `file` coming from `to` as a whole: for
    /// templates that xform wrote itself, the place that asked for them.
    #[must_use]
    pub fn relocated(&self, file: FileId, to: Span) -> Self {
        self.changed(move |segments| {
            for Segment { origin, .. } in segments {
                if origin.span.file == file {
                    origin.span = to;
                    origin.is_copied = false;
                }
                if origin.trace.iter().any(|frame| frame.call.is_some_and(|call| call.file == file)) {
                    let frame = |frame: &Frame| {
                        let call = frame.call.map(|call| if call.file == file { to } else { call });
                        Frame { name: frame.name.clone(), call }
                    };
                    origin.trace = origin.trace.iter().map(frame).collect();
                }
            }
        })
    }

    /// The map of changed segments; it too is made when it is first asked.
    fn changed(&self, change: impl FnOnce(&mut Vec<Segment>) + Send + 'static) -> Self {
        let before = self.clone();
        Self::of(move || {
            let mut segments = before.segments().to_vec();
            change(&mut segments);
            in_order(segments)
        })
    }

    /// The same map for the text with `prefix` bytes put before it.
    #[must_use]
    pub fn shifted(&self, prefix: usize) -> Self {
        self.changed(move |segments| {
            for segment in segments {
                segment.output.start += prefix;
                segment.output.end += prefix;
            }
        })
    }

    /// The map of a text whose bytes `place` are the beginning of a text with the map
    /// `part`. Nothing may be known of these bytes yet.
    #[must_use]
    pub fn with_part(&self, part: &SourceMap, place: Range<usize>) -> Self {
        let part = part.clone();
        self.changed(move |segments| {
            for Segment { output, origin } in part.segments() {
                let kept = output.start..output.end.min(place.len());
                if !kept.is_empty() {
                    let placed = place.start + kept.start..place.start + kept.end;
                    segments.push(cut(origin, output, kept, placed));
                }
            }
        })
    }

    /// The map of the text in which `range` was replaced by `length` bytes from nowhere.
    #[must_use]
    pub fn spliced(&self, range: Range<usize>, length: usize) -> Self {
        self.changed(move |segments| {
            let shift = |at: usize| at + length - range.len();
            for Segment { output, origin } in std::mem::take(segments) {
                if output.start < range.start {
                    let end = output.end.min(range.start);
                    segments.push(cut(&origin, &output, output.start..end, output.start..end));
                }
                if output.end > range.end {
                    let start = output.start.max(range.end);
                    segments.push(cut(&origin, &output, start..output.end, shift(start)..shift(output.end)));
                }
            }
        })
    }
}

impl Default for SourceMap {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

impl std::fmt::Debug for SourceMap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.segments()).finish()
    }
}

fn in_order(mut segments: Vec<Segment>) -> Vec<Segment> {
    segments.retain(|segment| !segment.output.is_empty());
    segments.sort_by_key(|segment| segment.output.start);
    segments
}

/// The part `kept` of a segment that covered `whole`, now standing at `placed`.
fn cut(origin: &Origin, whole: &Range<usize>, kept: Range<usize>, placed: Range<usize>) -> Segment {
    let mut origin = origin.clone();
    if origin.is_copied {
        origin.span = origin.span.part(kept.start - whole.start..kept.end - whole.start);
    }
    Segment { output: placed, origin }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Files;

    #[test]
    fn what_we_wrote_ourselves_leads_to_who_asked_for_it() {
        let files = Files::new();
        let (yaml, own) = (files.add("a.yml", "- unique"), files.add("own.sql", "{{ t() }}"));
        let frame = Frame { name: "dbt.t".to_owned(), call: Some(own.span()) };
        let origin = Origin { span: own.span(), is_copied: true, trace: Arc::from([frame]) };
        let map = SourceMap::new(vec![Segment { output: 0..9, origin }]).relocated(own.id(), yaml.span());
        let origin = map.origin(3..4).expect("mapped");
        assert_eq!((origin.span, origin.is_copied), (yaml.span(), false));
        assert_eq!(origin.trace[0].call, Some(yaml.span()));
    }

    fn copied(span: Span) -> Origin {
        Origin { span, is_copied: true, trace: Arc::from([]) }
    }

    #[test]
    fn copied_text_maps_byte_for_byte_also_after_a_splice() {
        let file = Files::new().add("a.sql", "select amount from t");
        let map = SourceMap::new(vec![Segment { output: 0..20, origin: copied(file.span()) }]);
        let at = |map: &SourceMap, range| map.origin(range).map(|origin| file.slice(origin.span).to_owned());
        assert_eq!(at(&map, 7..13).as_deref(), Some("amount"));
        let spliced = map.spliced(0..0, 10);
        assert_eq!(at(&spliced, 17..23).as_deref(), Some("amount"));
        assert_eq!(at(&spliced, 3..5), None);
        let inner =
            SourceMap::new(vec![Segment { output: 0..20, origin: copied(file.span()) }]).spliced(7..13, 2);
        assert_eq!(at(&inner, 10..14).as_deref(), Some("from"));
        let whole = SourceMap::default().with_part(&map, 5..18);
        assert_eq!(at(&whole, 12..18).as_deref(), Some("amount"));
        assert_eq!(at(&whole, 18..22), None);
    }
}
