use std::path::Path;

use crate::diagnostic::{Code, Diagnostic};
use crate::system::{Call, Ran, System};
use crate::text::Span;

/// Fetches a commit of a repository into a new folder with the user's own `git`, and so with
/// the user's own keys and credential helpers; the commit's full name.
///
/// # Errors
/// `package-unavailable`: there is no git, no such repository or no such revision.
pub(super) fn fetch(
    system: &dyn System,
    url: &str,
    revision: Option<&str>,
    subdirectory: Option<&str>,
    into: &Path,
    span: Span,
) -> Result<String, Diagnostic> {
    let failed =
        |message: String| Diagnostic::new(Code::PackageUnavailable, message).label(span, "asked for here");
    // What begins with a dash would be an option of git.
    for (what, text) in [("address", Some(url)), ("revision", revision), ("subdirectory", subdirectory)] {
        if text.is_some_and(|text| text.starts_with('-') || text.is_empty()) {
            let text = text.unwrap_or_default();
            return Err(failed(format!("`{text}` is no {what} of a repository")).help("correct the entry"));
        }
    }
    let run = |arguments: &[&str]| -> Result<Ran, Diagnostic> {
        let variables = [("GIT_TERMINAL_PROMPT", "0"), ("LC_ALL", "C")];
        let call = Call { program: "git", arguments, folder: into, variables: &variables };
        system.run(&call).map_err(|error| {
            failed(format!("`git` cannot be run: {error}")).help("install git, which fetches packages")
        })
    };
    let must = |arguments: &[&str], what: &str| -> Result<Ran, Diagnostic> {
        let ran = run(arguments)?;
        if ran.is_well { Ok(ran) } else { Err(failed(format!("{what}: {}", last_words(&ran)))) }
    };
    system
        .create_dir_all(into)
        .map_err(|error| failed(format!("`{}` cannot be made: {error}", into.display())))?;
    must(&["init", "--quiet"], "git cannot make a repository")?;
    must(&["remote", "add", "origin", url], "git takes no such address")?;
    if let Some(subdirectory) = subdirectory {
        // Older versions of git cannot: then everything is taken.
        let _ = run(&["sparse-checkout", "set", subdirectory]);
    }
    let wanted = revision.unwrap_or("HEAD");
    let shallow = run(&["fetch", "--quiet", "--depth", "1", "origin", wanted])?;
    let place = if shallow.is_well {
        "FETCH_HEAD"
    } else {
        // An abbreviated commit, or a server that gives no single commits.
        let everything = ["fetch", "--quiet", "--tags", "origin", "+refs/heads/*:refs/remotes/origin/*"];
        let all = run(&everything)?;
        if !all.is_well {
            return Err(failed(format!("the repository `{url}` cannot be fetched: {}", last_words(&all)))
                .said(format!("Error checking out spec='{wanted}' for repo {url}"))
                .help("check the address, and that `git clone` of it works for you"));
        }
        wanted
    };
    let checked_out = run(&["checkout", "--quiet", "--detach", place])?;
    if !checked_out.is_well {
        return Err(failed(format!("the repository `{url}` has no revision `{wanted}`"))
            .said(format!("Error checking out spec='{wanted}' for repo {url}"))
            .help("`revision` is a branch, a tag or a commit"));
    }
    let commit = must(&["rev-parse", "HEAD"], "git does not name the commit")?.stdout.trim().to_owned();
    let _ = system.remove(&into.join(".git"));
    Ok(commit)
}

/// The last line of what git complained about.
fn last_words(ran: &Ran) -> String {
    ran.stderr.trim().lines().last().unwrap_or("it did not say why").trim_start_matches("fatal: ").to_owned()
}
