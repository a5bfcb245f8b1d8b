use std::collections::{BTreeMap, BTreeSet};

use super::{Digest, Digester};
use crate::context::Invocation;
use crate::parse::config::ProjectConfigs;
use crate::project::Flags;

/// What is the same for everything in a project, as far as it may be another thing in another run
/// and templates or drafting see it: the paths of macros by package and name among it, and not
/// what is in them.
pub(super) fn of_invocation(
    invocation: &Invocation,
    macros: &BTreeMap<(String, String), String>,
    digester: Digester,
) -> Digest {
    let Invocation {
        // Noted by who asks.
        system: _,
        // Named by path.
        files: _,
        // Its macros are noted by who finds them.
        engine: _,
        // Which macro a name means follows from their packages and the names, put in below.
        macros: _,
        adapter,
        target,
        vars,
        flags,
        packages,
        root_package,
        target_path,
        // The moment: noted by who asks.
        id: _,
        started_at: _,
        // What is said is noted.
        log: _,
        // Nothing is selected while a project is parsed, and nothing stands in for it.
        selected_resources: _,
        deferral: _,
        stopped: _,
        notes: _,
    } = invocation;
    let file = |id| invocation.files.get(id);
    let project_files = packages.iter().filter_map(|package| package.config.file);
    let digester = project_files.fold(digester, |all, id| all.text(file(id).path()).text(file(id).text()));
    digester
        .text(adapter.name())
        .text(adapter.dialect().name())
        .text(&format!("{:?}", adapter.capabilities()))
        .text(&format!("{target:?}"))
        .text(&format!("{vars:?}"))
        .text(&of_flags(flags))
        .text(&format!("{packages:?}"))
        .text(root_package)
        .text(&target_path.to_string_lossy())
        .text(&format!("{macros:?}"))
        .digest()
}

/// The flags that drafting looks at; those that templates see, all of them, are noted when one
/// does.
fn of_flags(flags: &Flags) -> String {
    let Flags {
        which: _,
        full_refresh: _,
        store_failures,
        empty: _,
        sample: _,
        event_time: _,
        cache_selected_only: _,
        populate_cache: _,
        fail_fast: _,
        warn_error: _,
        warn_error_options,
        show_all_deprecations: _,
        use_colors_file: _,
        log_file_max_bytes: _,
        maximum_seed_size,
        quiet: _,
        debug: _,
        // What is not printed is not heard.
        print,
        introspect: _,
        version_check: _,
        check: _,
        batch_tests: _,
        write_json: _,
        partial_parse: _,
        use_colors: _,
        printer_width: _,
        indirect_selection: _,
        state: _,
        defer_state: _,
        defer: _,
        favor_state: _,
        log_format: _,
        log_format_file: _,
        log_level: _,
        log_level_file: _,
        behaviour,
        invocation_args: _,
    } = flags;
    format!("{:?}", (store_failures, warn_error_options, maximum_seed_size, print, behaviour))
}

/// The same, and what the project files configure and which groups there are: what drafting sees
/// besides.
pub(super) fn with_configs(around: Digest, configs: &ProjectConfigs, groups: &BTreeSet<&str>) -> Digest {
    Digester::new("configured")
        .bytes(&around)
        .text(&format!("{configs:?}"))
        .text(&format!("{groups:?}"))
        .digest()
}
