use std::path::Path;

use super::Ended;
use crate::context::LogLevel;
use crate::diagnostic::{Code, Diagnostic};
use crate::execute::{Event, Reporter};
use crate::system::System;

/// The starter project, path by path; `{{name}}` stands for the project's name.
const STARTER: [(&str, &str); 6] = [
    ("project.yml", include_str!("starter/project.yml")),
    ("models/orders.sql", include_str!("starter/models/orders.sql")),
    ("models/daily_revenue.sql", include_str!("starter/models/daily_revenue.sql")),
    ("models/models.yml", include_str!("starter/models/models.yml")),
    ("seeds/raw_orders.csv", include_str!("starter/seeds/raw_orders.csv")),
    ("tests/assert_no_negative_revenue.sql", include_str!("starter/tests/assert_no_negative_revenue.sql")),
];

/// `xform init`: a folder with a small project that builds at once on embedded DuckDB.
/// Writes over nothing that is there.
#[must_use]
pub fn init(system: &dyn System, reporter: &dyn Reporter, name: Option<&str>) -> Ended {
    match start(system, name.unwrap_or("my_project")) {
        Ok(folder) => {
            let text =
                format!("A project is in `{folder}`. Build it with:\n\n    cd {folder}\n    xform build");
            reporter.report(Event::Log { level: LogLevel::Print, text });
            Ended::Well
        }
        Err(diagnostic) => {
            reporter.report(Event::Diagnostic(diagnostic));
            Ended::NotUnderstood
        }
    }
}

fn start(system: &dyn System, name: &str) -> Result<String, Diagnostic> {
    let is_identifier = name.chars().all(|letter| letter.is_alphanumeric() || letter == '_')
        && name.chars().next().is_some_and(|letter| !letter.is_numeric());
    if !is_identifier {
        let message = format!("`{name}` cannot be the name of a project");
        return Err(Diagnostic::error(Code::InvalidProject, message).help(better_name(name)));
    }
    let folder = system.current_dir().join(name);
    if system.exists(&folder) {
        let message = format!("there is a `{name}` here already");
        return Err(
            Diagnostic::error(Code::CannotWriteFile, message).help("choose another name, or remove it first")
        );
    }
    let files = STARTER.iter().map(|(path, text)| (*path, text.replace("{{name}}", name)));
    let ignored = [(".gitignore", "target/\nlogs/\n".to_owned())];
    for (path, text) in files.chain(ignored) {
        let path = folder.join(Path::new(path));
        system.write(&path, text.as_bytes()).map_err(|error| {
            Diagnostic::error(
                Code::CannotWriteFile,
                format!("`{}` cannot be written: {error}", path.display()),
            )
            .help("check that this folder may be written to")
        })?;
    }
    Ok(name.to_owned())
}

/// What to do about a name that cannot be one.
fn better_name(name: &str) -> String {
    let rule = "use letters, digits and underscores, and begin with a letter";
    let better: String =
        name.trim().chars().map(|letter| if letter.is_alphanumeric() { letter } else { '_' }).collect();
    if better.starts_with(char::is_alphabetic) { format!("{rule}: `{better}`") } else { rule.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::MemorySystem;

    #[test]
    fn nothing_that_is_there_is_written_over() {
        let system = MemorySystem::new().file("shop/notes.txt", "mine");
        assert_eq!(start(&system, "shop").err().map(|found| found.code()), Some(Code::CannotWriteFile));
        assert_eq!(start(&system, "2nd").err().map(|found| found.code()), Some(Code::InvalidProject));
        let dashed = start(&system, "my-shop").unwrap_err();
        assert!(dashed.help_text().unwrap().ends_with(": `my_shop`"));
        assert!(start(&system, "상점").is_ok());
        let text = system.read(Path::new("상점/project.yml")).unwrap();
        assert!(String::from_utf8(text).unwrap().contains("name: 상점"));
    }
}
