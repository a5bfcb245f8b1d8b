//! (parse)
