//! A graph of nodes as text that people put elsewhere: a tree for the terminal, Mermaid and SVG
//! for a README.

mod layers;
mod mermaid;
mod picture;
mod svg;
#[cfg(test)]
mod tests;
mod tree;

pub use picture::{Edge, Picture, Shape};
