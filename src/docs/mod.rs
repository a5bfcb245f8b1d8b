//! What shows a project to people: the documentation site, and pictures of the graph.
//!
//! Into a site comes [`Material`]: the manifest, what the checker knows of every column, what was compiled,
//! what the warehouse said ([`Catalog`]), the last runs. Out goes a [`Site`]: parts in JSON, each a
//! file of its own, so that a browser loads what it shows and no more. `contract` has their shapes,
//! which the web app in `site/` reads (`site/src/data.ts` has them in its own language); its built
//! files are taken in here from `site/`. A site is written to the target folder
//! ([`Site::write`]), as one file ([`Site::write_static`]), or both, and [`Server`] shows it.
//!
//! Everything is told by number: an `Id` is the place of a node among all nodes,
//! macros and groups in the order of their unique ids (`numbers`). `entry` makes what lists and
//! searches need of each, `detail` what its own page needs, `columns` its columns, `facts` what
//! only its kind has, `marks` the highlights and links of its code.
//!
//! A [`Picture`] is a part of the graph, as a tree for the terminal, as Mermaid, or as SVG.

mod catalog;
mod columns;
mod contract;
mod detail;
mod entry;
mod facts;
mod history_part;
mod known;
mod lineage_part;
mod marks;
mod material;
mod numbers;
mod overview;
mod picture;
mod search_part;
mod server;
#[allow(clippy::module_inception)]
mod site;
mod static_page;
mod summary;

pub use catalog::{Catalog, CatalogColumn, CatalogRelation};
pub use material::Material;
pub use picture::{Edge, Picture, Shape};
pub use server::{Folder, Gate, Places, Server, Standing, Watched, open_browser};
pub use site::Site;
