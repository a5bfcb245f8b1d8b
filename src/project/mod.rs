//! What is on disk: the project file, profiles, packages, vars, and which file is what.
//!
//! [`load`] finds the project ([`locate`]), reads its file, the profile and the packages
//! it asks for, and then every file of them all ([`ProjectFiles`]). Nothing is parsed here
//! beyond YAML; the Jinja in it sees [`EnvVar`] and [`VarFunction`].

mod catalogs;
mod confidential;
mod discover;
mod flags;
mod known_files;
mod load;
mod locate;
mod package;
mod package_files;
mod packages;
mod profile;
mod project_config;
mod read_text;
mod target;
mod time_grain;
mod time_window;
mod vars;
mod version;
mod warn_error;
mod yaml_context;

pub use discover::{Changed, FileKind, ProjectFile, ProjectFiles};
pub use flags::Flags;
pub use load::{Early, LoadOptions, Loaded, load, load_root, load_texts, look_ahead};
pub use locate::{Located, locate};
pub use package::{Dispatch, Package, ProjectConfig};
pub use package_files::{PackageFiles, compare_versions, is_version_in};
pub use packages::PackageEntry;
pub use profile::profiles_folder;
pub use read_text::setting;
pub use target::{Target, TargetPlaces};
pub use time_grain::TimeGrain;
pub use time_window::{TimeWindow, moment, moment_text};
pub use vars::{Vars, parse_vars};
pub use version::DBT_VERSION;
pub use warn_error::WarnErrorOptions;
pub use yaml_context::{EnvVar, SECRET_PREFIX, VarFunction};
