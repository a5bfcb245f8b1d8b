//! The server of a site: files of one folder to browsers of this machine, and news of changes.
//!
//! HTTP/1.1 over threads, a request's head read by `httparse`: a site needs no more, and an async
//! runtime would be most of the program. [`Request`] is what a browser asks, `gate` says who may
//! ask, `folder` finds files and nothing outside of their folder, `server` listens, and
//! [`Watched`] notices that the project changed. `tiny_http`, the library of this kind, has had no
//! release for years, and no way to send events as they come.

mod folder;
mod gate;
mod request;
#[allow(clippy::module_inception)]
mod server;
mod watched;

pub use folder::Folder;
pub use gate::Gate;
use request::Request;
pub use server::{Server, Standing, open_browser};
pub use watched::{Places, Watched};
