//! (select)
