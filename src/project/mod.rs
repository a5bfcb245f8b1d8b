//! What is on disk: the project file, profiles, packages, vars, and which file is what.
//!
//! [`Project::load`] reads the project file and the profile, [`ProjectFiles::discover`]
//! reads every file of the project and its packages. Nothing is parsed here beyond YAML.

mod discover;
mod flags;
mod load;
mod package;
mod target;
mod vars;

pub use discover::{FileKind, ProjectFile, ProjectFiles};
pub use flags::Flags;
pub use load::{LoadOptions, Loaded, load};
pub use package::{Dispatch, Package, ProjectConfig};
pub use target::Target;
pub use vars::Vars;
