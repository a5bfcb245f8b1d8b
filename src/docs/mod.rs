//! What shows a project to people.
//!
//! A [`Picture`] is a part of the graph, as a tree for the terminal, as Mermaid, or as SVG.

mod picture;

pub use picture::{Edge, Picture, Shape};
