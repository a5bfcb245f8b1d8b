//! (compile)
