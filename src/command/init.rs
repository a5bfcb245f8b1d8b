use std::path::Path;

use super::Ended;
use crate::context::LogLevel;
use crate::diagnostic::{Code, Diagnostic};
use crate::execute::{Event, Reporter};
use crate::project::locate;
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
        Ok(text) => {
            reporter.report(Event::Log { level: LogLevel::Print, text });
            Ended::Well
        }
        Err(diagnostic) => {
            reporter.report(Event::Diagnostic(diagnostic));
            Ended::NotUnderstood
        }
    }
}

/// Makes the project; what there is to say of it, or why there was nothing to do.
fn start(system: &dyn System, name: &str) -> Result<String, Diagnostic> {
    let is_identifier = name.chars().all(|letter| letter.is_alphanumeric() || letter == '_')
        && name.chars().next().is_some_and(|letter| !letter.is_numeric());
    if !is_identifier {
        let message = format!("`{name}` cannot be the name of a project");
        return Err(Diagnostic::error(Code::InvalidProject, message).help(better_name(name)));
    }
    if locate(system, None).is_ok_and(|found| found.root == system.current_dir()) {
        return Ok("This folder is a project already: nothing was made.".to_owned());
    }
    let folder = system.current_dir().join(name);
    if system.exists(&folder) {
        return Ok(format!("A project called {name} already exists here: nothing was made."));
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
    Ok(format!("A project is in `{name}`. Build it with:\n\n    cd {name}\n    xform build"))
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
        assert!(start(&system, "shop").unwrap().contains("already exists here"));
        assert!(!system.exists(Path::new("shop/project.yml")));
        assert_eq!(start(&system, "2nd").err().map(|found| found.code()), Some(Code::InvalidProject));
        let dashed = start(&system, "my-shop").unwrap_err();
        assert!(dashed.help_text().unwrap().ends_with(": `my_shop`"));
        assert!(start(&system, "상점").unwrap().contains("cd 상점"));
        let text = system.read(Path::new("상점/project.yml")).unwrap();
        assert!(String::from_utf8(text).unwrap().contains("name: 상점"));
    }
}
