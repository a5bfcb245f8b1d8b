//! Characters by file number.
//!
//! Every text xform reads is a [`SourceFile`] in [`Files`], known by its [`FileId`];
//! every place in a text is a [`Span`] of bytes. Text that a template produced is
//! led back to the template by a [`SourceMap`]. Nothing here knows what a text means.

mod files;
mod kept;
pub mod kept_json;
mod line_index;
mod source_file;
mod source_map;
mod span;

pub use files::Files;
pub use kept::{listing_files, with_files_of_list};
pub use line_index::{LineColumn, LineIndex};
pub use source_file::{FileId, SourceFile};
pub use source_map::{Frame, Origin, Segment, SourceMap};
pub use span::{Span, Spanned};
