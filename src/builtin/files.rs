/// One file of the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuiltinFile {
    /// `dbt`, or `dbt_` and the name of a warehouse.
    pub package: &'static str,
    /// Relative to the library, with `/`.
    pub path: &'static str,
    pub text: &'static str,
}

macro_rules! file {
    ($package:literal, $path:literal) => {
        BuiltinFile { package: $package, path: $path, text: include_str!($path) }
    };
}

/// All files of the library, in order of path.
#[rustfmt::skip]
pub const FILES: &[BuiltinFile] = &[
    file!("dbt", "naming/generate_alias_name.sql"),
    file!("dbt", "naming/generate_database_name.sql"),
    file!("dbt", "naming/generate_schema_name.sql"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_on_disk_is_listed_once_and_in_order() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/builtin");
        let on_disk: Vec<String> = walkdir::WalkDir::new(folder)
            .sort_by_file_name()
            .into_iter()
            .map(|entry| entry.expect("the library's folder can be read"))
            .filter(|entry| entry.path().extension().is_some_and(|extension| extension == "sql"))
            .map(|entry| {
                entry.path().strip_prefix(folder).expect("inside").to_string_lossy().replace('\\', "/")
            })
            .collect();
        let listed: Vec<&str> = FILES.iter().map(|file| file.path).collect();
        assert_eq!(listed, on_disk);
    }

    #[test]
    fn a_warehouse_folder_is_a_package_of_its_own() {
        for file in FILES {
            let folder = file.path.split('/').next().unwrap_or_default();
            let expected = if folder == "duckdb" { "dbt_duckdb" } else { "dbt" };
            assert_eq!(file.package, expected, "{}", file.path);
        }
    }
}
