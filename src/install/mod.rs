//! Installs the packages that a project asks for.
//!
//! [`Wanted`] is an entry of packages.yml: a folder, a git repository, an archive, or a package of
//! the hub. [`resolve`] follows what packages ask for in turn and chooses one version of each,
//! which is a [`Pinned`]; [`Lock`] is the list of these in package-lock.yml; [`install`] puts
//! them where the project finds them. Repositories are fetched by the user's own `git`, archives
//! over HTTP, and unpacked so that nothing is written outside of their folder.

mod add;
mod archive;
mod fetch;
mod git;
mod http;
mod hub;
mod install;
mod lock;
mod pinned;
mod resolve;
mod wanted;

pub use add::{AddSource, add_package};
pub use archive::gzip;
pub use fetch::Fetcher;
pub use install::install;
pub use lock::{LOCK_FILE, Lock};
pub use pinned::Pinned;
pub use resolve::{Resolved, resolve};
pub use wanted::{Source, Wanted};
