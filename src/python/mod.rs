//! Models written in Python, read without running them.
//!
//! [`read`] finds `def model(dbt, session)` and the calls of `dbt.ref`, `dbt.source`,
//! `dbt.config`, `dbt.config.get` and `dbt.config.meta_get` in a file, whose arguments have to
//! be literals: what a model needs must be known before it runs. The text is cut into tokens, and
//! no more of Python's grammar is known: Python itself tells of the rest. See <https://docs.getdbt.com/docs/build/python-models>.

mod calls;
mod token;

pub use calls::{PythonCall, PythonFunction, read};
