use super::Ended;
use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::execute::{Event, Reporter};

/// `xform explain`: the page of a code, or all codes with a line each.
#[must_use]
pub fn explain(reporter: &dyn Reporter, name: Option<&str>) -> Ended {
    let Some(name) = name else {
        let width = Code::ALL.iter().map(|code| code.name().len()).max().unwrap_or_default();
        let lines: Vec<String> =
            Code::ALL.iter().map(|code| format!("{:width$}  {}", code.name(), code.summary())).collect();
        reporter.report(Event::Output(lines.join("\n")));
        return Ended::Well;
    };
    let Some(code) = Code::find(name) else {
        let names = Code::ALL.iter().map(|code| code.name());
        let diagnostic = Diagnostic::error(Code::UnknownCode, format!("there is no diagnostic `{name}`"))
            .help(suggest::similar("code", name, names).unwrap_or("`xform explain` lists all".to_owned()));
        reporter.report(Event::Diagnostic(diagnostic));
        return Ended::NotUnderstood;
    };
    reporter.report(Event::Output(code.page().trim_end().to_owned()));
    Ended::Well
}
