//! (materialize)
