//! (artifact)
