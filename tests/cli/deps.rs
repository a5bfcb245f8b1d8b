//! `xform deps`: folders, repositories made for the test, and a hub on this machine.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::test_project::TestProject;

fn git(folder: &Path, arguments: &[&str]) {
    let ran = Command::new("git")
        .args(["-c", "user.name=x", "-c", "user.email=x@y.z", "-c", "init.defaultBranch=main"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
}

/// A repository with two commits, of which the first is tagged `v1`, and a package below `sub`.
fn repository(project: &TestProject) -> String {
    let folder = project.path("origin");
    std::fs::create_dir_all(folder.join("sub")).unwrap();
    std::fs::create_dir_all(folder.join("macros")).unwrap();
    std::fs::write(folder.join("dbt_project.yml"), "name: kit\n").unwrap();
    std::fs::write(folder.join("macros/m.sql"), "{% macro one() %}1{% endmacro %}").unwrap();
    std::fs::write(folder.join("sub/dbt_project.yml"), "name: 속\n").unwrap();
    git(&folder, &["init", "--quiet"]);
    git(&folder, &["add", "-A"]);
    git(&folder, &["commit", "--quiet", "-m", "one"]);
    git(&folder, &["tag", "v1"]);
    std::fs::write(folder.join("macros/m.sql"), "{% macro one() %}2{% endmacro %}").unwrap();
    git(&folder, &["commit", "--quiet", "-am", "two"]);
    format!("file://{}", folder.display())
}

/// An archive of files in the folder `top`.
fn archive(top: &str, files: &[(&str, &str)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (path, text) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_cksum();
        builder.append_data(&mut header, format!("{top}{path}"), text.as_bytes()).unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap()
}

/// A hub with `acme/utils` in four versions and `acme/kit`, which asks for an older one; the
/// first answer of each page is an error that passes.
fn hub() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let base = address.clone();
    std::thread::spawn(move || {
        let mut seen = std::collections::BTreeSet::new();
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let first = lines.next().and_then(Result::ok).unwrap_or_default();
            while lines.next().and_then(Result::ok).is_some_and(|line| !line.is_empty()) {}
            let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
            let (status, body) = if seen.insert(path.clone()) {
                ("503 Service Unavailable", Vec::new())
            } else {
                match page(&base, &path) {
                    Some(body) => ("200 OK", body),
                    None => ("404 Not Found", Vec::new()),
                }
            };
            let head =
                format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
        }
    });
    address
}

fn page(base: &str, path: &str) -> Option<Vec<u8>> {
    let version = |name: &str, version: &str, packages: &Value, dbt: &Value| {
        json!({
            "name": name, "version": version, "packages": packages, "require_dbt_version": dbt,
            "downloads": { "tarball": format!("{base}/tar/{name}/{version}") },
        })
    };
    let takes = json!([">=1.0.0", "<2.0.0"]);
    let none = json!([]);
    if let Some(rest) = path.strip_prefix("/tar/") {
        let (name, version) = rest.split_once('/')?;
        let text = format!("name: {name}\nversion: {version}\n");
        let macros = format!("{{% macro version() %}}{version}{{% endmacro %}}");
        return Some(archive(
            &format!("{name}-{version}/"),
            &[("dbt_project.yml", &text), ("macros/version.sql", &macros)],
        ));
    }
    Some(match path {
        "/api/v1/index.json" => json!(["acme/utils", "acme/kit"]),
        "/api/v1/acme/utils.json" => json!({
            "redirectname": null, "redirectnamespace": null,
            "versions": {
                "1.0.0": version("utils", "1.0.0", &none, &takes),
                "1.1.0": version("utils", "1.1.0", &none, &takes),
                "1.10.0": version("utils", "1.10.0", &none, &takes),
                "2.0.0-rc1": version("utils", "2.0.0-rc1", &none, &takes),
                "3.0.0": version("utils", "3.0.0", &none, &json!([">=9.0.0"])),
            },
        }),
        "/api/v1/acme/kit.json" => json!({
            "redirectname": "kit2", "redirectnamespace": null,
            "versions": {
                "0.1.0": version("kit", "0.1.0", &json!([{ "package": "acme/utils", "version": [">=1.0.0", "<1.5.0"] }]), &takes),
            },
        }),
        _ => return None,
    }
    .to_string()
    .into_bytes())
}

#[test]
fn folders_repositories_and_archives_are_installed_and_locked() {
    let project = TestProject::new()
        .file("local/dbt_project.yml", "name: near\n")
        .file("local/packages.yml", "packages:\n  - local: ../far\n")
        .file("far/dbt_project.yml", "name: far\n")
        .file("tools.tgz", archive("도구/", &[("dbt_project.yml", "name: tools\n"), ("macros/a.sql", "")]))
        .model("a", "select {{ kit.one() }} as id");
    let url = repository(&project);
    let tools = format!("file://{}", project.path("tools.tgz").display());
    project.write(
        "packages.yml",
        format!(
            "packages:\n  - local: local\n  - git: \"{{{{ env_var('DBT_ENV_SECRET_URL') }}}}\"\n    revision: v1\n  - git: {url}\n    subdirectory: sub\n  - tarball: {tools}\n    name: tools\n"
        ),
    );
    let project = project.env("DBT_ENV_SECRET_URL", &url);
    project.run("parse").exits(2).says("error[missing-package]").says("xform deps");
    let ran = project.run("deps").succeeds().says("warning[unpinned-package]");
    for line in [
        "Updating lock file in file path:",
        "Installing local",
        "Installed from <local @ local>",
        "and subdirectory sub",
    ] {
        assert!(ran.stdout.contains(line), "{line}: {}", ran.stdout);
    }
    assert!(
        ran.stdout.contains("[WARNING]: The git Package") && ran.stdout.contains("not pinned"),
        "{}",
        ran.stdout
    );
    assert!(
        !ran.stdout.contains(&url) && !project.read("logs/dbt.log").contains(&url),
        "the secret is masked"
    );
    let lock = project.read("package-lock.yml");
    assert!(
        lock.contains("- git: '{{ env_var('")
            && lock.contains("name: 속")
            && lock.contains("subdirectory: sub"),
        "{lock}"
    );
    assert!(
        lock.contains("name: far") && lock.contains("name: near") && lock.contains("sha1_hash: "),
        "{lock}"
    );
    for name in ["near", "far", "kit", "속", "tools"] {
        assert!(project.exists(&format!("dbt_packages/{name}/dbt_project.yml")), "{name}");
    }
    let hidden = std::fs::read_dir(project.path("")).unwrap().flatten();
    assert!(hidden.map(|entry| entry.file_name()).all(|name| !name.to_string_lossy().starts_with(".xform")));
    project.run("run").succeeds();
    assert_eq!(project.query("select id from {{ ref('a') }}"), json!([{ "id": 1 }]));
    // The lock is kept while packages.yml says the same, whatever the repository has by now.
    assert!(!project.run("deps").succeeds().stdout.contains("Updating lock file"));
    assert!(project.run("deps --upgrade").succeeds().stdout.contains("Updating lock file"));
    assert_eq!(project.read("package-lock.yml"), lock);
}

#[test]
fn versions_of_the_hub_are_chosen_so_that_they_fit_together() {
    let project = TestProject::new().env("DBT_PACKAGE_HUB_URL", &hub());
    let lock = |packages: &str, arguments: &str| {
        project.write("packages.yml", packages);
        project.run(&format!("deps {arguments}"))
    };
    let chosen = |packages: &str| {
        let ran = lock(packages, "--lock").succeeds();
        assert!(!project.exists("dbt_packages"), "nothing is installed: {}", ran.stdout);
        let lock = project.read("package-lock.yml");
        let line = |line: &&str| line.trim_start_matches(['-', ' ']).starts_with("version:");
        lock.lines().filter(line).map(|line| line.trim().to_owned()).collect::<Vec<_>>().join(" ")
    };
    let utils = "packages:\n  - package: acme/utils\n";
    assert_eq!(chosen(&format!("{utils}    version: '>=1.0.0'\n")), "version: 1.10.0");
    assert_eq!(chosen(&format!("{utils}    version: ['>=1.0.0', '<1.5.0']\n")), "version: 1.1.0");
    assert_eq!(chosen(&format!("{utils}    version: 2.0.0-rc1\n")), "version: 2.0.0-rc1");
    let pre = format!("{utils}    version: '>=1.0.0'\n    install_prerelease: true\n");
    assert_eq!(chosen(&pre), "version: 2.0.0-rc1");
    let kit = "packages:\n  - package: acme/kit\n    version: 0.1.0\n";
    assert_eq!(chosen(kit), "version: 0.1.0 version: 1.1.0");
    let both = "packages:\n  - package: acme/utils\n    version: 1.10.0\n  - package: acme/kit\n    version: 0.1.0\n";
    lock(both, "").exits(2).says("Dependency Error").says("error[package-conflict]").says("1.10.0");
    lock(&format!("{utils}    version: 3.0.0\n"), "").exits(2).says("takes dbt 1.12.6");
    lock("packages:\n  - package: acme/utlis\n    version: 1.0.0\n", "")
        .exits(2)
        .says("error[package-unavailable]")
        .says("`acme/utils`");
    let ran = lock(kit, "--upgrade")
        .succeeds()
        .says("[WARNING][PackageRedirectDeprecation]")
        .says("Installed from version 1.1.0");
    assert!(ran.stdout.contains("Updates available for packages: acme/utils"), "{}", ran.stdout);
    assert!(project.read("dbt_packages/utils/macros/version.sql").contains("1.1.0"));
}

#[test]
fn packages_are_added_by_the_command_line() {
    let project = TestProject::new().env("DBT_PACKAGE_HUB_URL", &hub());
    project.run("deps").succeeds().says("No packages were found");
    project.run("deps --add-package acme/utils").exits(2).says("names no version");
    project
        .run("deps --add-package acme/utils@1.0.0")
        .succeeds()
        .says("Added acme/utils@1.0.0 to packages.yml");
    assert_eq!(project.read("packages.yml"), "packages:\n  - package: acme/utils\n    version: 1.0.0\n");
    project.run("deps --lock --add-package acme/utils@1.1.0").succeeds();
    assert!(project.read("package-lock.yml").contains("version: 1.1.0"));
    project.write("near/dbt_project.yml", "name: near\n");
    project.run("deps --add-package near --source local").succeeds();
    assert!(project.read("packages.yml").ends_with("    version: 1.1.0\n  - local: near\n"));
    assert!(project.exists("dbt_packages/near/dbt_project.yml"));
}

#[test]
fn what_cannot_be_installed_leaves_what_was_there() {
    let project = TestProject::new()
        .file("dbt_packages/old/dbt_project.yml", "name: old\n")
        .file("a/dbt_project.yml", "name: same\n")
        .file("b/dbt_project.yml", "name: same\n")
        .file("none/readme.md", "")
        .file("evil.tar", {
            let mut bytes = vec![0_u8; 2048];
            let mut header = tar::Header::new_gnu();
            header.as_old_mut().name[..14].copy_from_slice(b"../../evil.txt");
            header.set_size(1);
            header.set_cksum();
            bytes[..512].copy_from_slice(header.as_bytes());
            bytes
        });
    let url = repository(&project);
    let evil = format!("file://{}", project.path("evil.tar").display());
    for (packages, says) in [
        ("- local: a\n- local: b\n".to_owned(), "error[package-conflict]"),
        ("- local: missing\n".to_owned(), "error[package-unavailable]"),
        ("- local: none\n".to_owned(), "there is no project in `none`"),
        (format!("- git: {url}\n  revision: 없음\n"), "error[package-unavailable]"),
        (format!("- git: {url}\n  revision: --upload-pack=touch x\n"), "is no revision"),
        (format!("- git: {url}\n  revision: v1\n- git: {url}\n  revision: main\n"), "two revisions"),
        (format!("- git: {url}\n  revision: v1\n  subdirectory: ../..\n"), "error[package-unavailable]"),
        (format!("- tarball: {evil}\n  name: evil\n"), "error[unsafe-archive]"),
        ("- package: a/b\n".to_owned(), "error[invalid-project]"),
    ] {
        project.write("packages.yml", format!("packages:\n{packages}"));
        project.run("deps").exits(2).says(says);
        assert!(project.exists("dbt_packages/old/dbt_project.yml"), "{packages}");
        assert!(!project.exists("package-lock.yml"), "{packages}");
    }
}
