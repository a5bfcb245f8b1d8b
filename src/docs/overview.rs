use std::borrow::Cow;

use super::Material;
use super::contract::PackageText;

/// What stands on the first page: the doc block `__overview__` of the project, else its README, else
/// a few words of our own.
pub(super) fn overview<'a>(material: &'a Material<'a>) -> Cow<'a, str> {
    let manifest = material.manifest;
    let own = manifest.docs.get(&format!("doc.{}.__overview__", manifest.project));
    let others = manifest.docs.values().filter(|doc| doc.name == "__overview__");
    let block =
        own.or_else(|| others.into_iter().find(|doc| material.packages.contains(doc.package.as_str())));
    let block = block.map(|doc| doc.contents.trim());
    let readme = material.readme.map(str::trim);
    match block.into_iter().chain(readme).find(|text| !text.is_empty()) {
        Some(text) => Cow::Borrowed(text),
        None => Cow::Owned(format!(
            "# {}\n\nThis project has no `README.md` yet. What is written in one, or in a block \
             `{{% docs __overview__ %}}` of a Markdown file, stands here.",
            manifest.project
        )),
    }
}

/// The doc blocks `__package__`, each about the package of that name.
/// See <https://docs.getdbt.com/docs/build/documentation#custom-project-level-overviews>.
pub(super) fn packages<'a>(material: &Material<'a>) -> Vec<PackageText<'a>> {
    let about = material.manifest.docs.values().filter_map(|doc| {
        let name = doc.name.strip_prefix("__")?.strip_suffix("__")?;
        let text = PackageText { name, overview: doc.contents.trim() };
        material.packages.contains(name).then_some(text)
    });
    about.collect()
}
