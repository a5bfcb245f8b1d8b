//! What parsing found out, kept in the target folder from one command to the next.
//!
//! Kept is what one thing alone came to: a properties file as it was read, and the drafts of a
//! file, of a source, of the tests of one entry, before anything is linked. Linking and what
//! comes after is done anew each time, over all nodes.
//!
//! An entry is found under a [`Digest`] of everything that its making was given (its file, the
//! entry that describes it, and the `surroundings`: version, target, vars, configuration), and
//! holds with it what it asked for besides, as far as that may change: the files of the macros it
//! found, variables of the environment, flags, doc blocks. Only where all of that is as it was
//! is it taken. What depends on the moment, or says something when it is rendered, is not kept.
//!
//! [`Cache`] answers; a [`Book`](book::Book) is what is in the file.

mod book;
#[allow(clippy::module_inception)]
mod cache;
mod digest;
mod known_files;
mod surroundings;
#[cfg(test)]
mod tests;

pub(super) use cache::Cache;
pub(super) use digest::{Digest, Digester};
