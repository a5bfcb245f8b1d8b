//! (builtin)
