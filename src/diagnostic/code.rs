use super::Severity::{self, Error, Warning};
use super::WarningName;

/// The kind of error dbt calls it, the first words after `Encountered an error:`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Compilation,
    Parsing,
    Runtime,
    Database,
    Dependency,
    Usage,
}

impl Kind {
    /// As dbt prints it, for example `Compilation Error`.
    #[must_use]
    pub fn heading(self) -> &'static str {
        match self {
            Kind::Compilation => "Compilation Error",
            Kind::Parsing => "Parsing Error",
            Kind::Runtime => "Runtime Error",
            Kind::Database => "Database Error",
            Kind::Dependency => "Dependency Error",
            Kind::Usage => "Usage Error",
        }
    }
}

macro_rules! codes {
    ($($variant:ident $name:literal $severity:ident $kind:ident $summary:literal;)*) => {
        /// Everything xform can complain about. A code never changes its meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $summary] $variant,)*
        }

        impl Code {
            /// All codes, in the order of their names.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            /// As users write it: `unknown-column`.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Code::$variant => $name,)* }
            }

            /// One sentence.
            #[must_use]
            pub fn summary(self) -> &'static str {
                match self { $(Code::$variant => $summary,)* }
            }

            /// The level before the project's own settings.
            #[must_use]
            pub fn severity(self) -> Severity {
                match self { $(Code::$variant => $severity,)* }
            }

            /// What dbt calls an error of this kind.
            #[must_use]
            pub fn kind(self) -> Kind {
                match self { $(Code::$variant => Kind::$kind,)* }
            }

            /// The page that `xform explain` prints: Markdown.
            #[must_use]
            pub fn page(self) -> &'static str {
                match self { $(Code::$variant => include_str!(concat!("explain/", $name, ".md")),)* }
            }
        }
    };
}

// One line a code, in the order of the names. Each has a page in `explain/` and a case.
codes! {
    AmbiguousColumn "ambiguous-column" Error Database "A column's name means columns of several relations.";
    AmbiguousName "ambiguous-name" Error Compilation "Two nodes or macros have the name that was asked for.";
    BrokenContract "broken-contract" Error Compilation "A contract promises less than it did before.";
    Cancelled "cancelled" Error Runtime "The run was stopped while a statement was running.";
    CannotListen "cannot-listen" Error Runtime "A server cannot be started at an address.";
    CannotReadFile "cannot-read-file" Error Runtime "A file could not be read.";
    CannotWriteFile "cannot-write-file" Error Runtime "A file could not be written.";
    CartesianJoin "cartesian-join" Warning Compilation "Relations of one FROM are connected by nothing.";
    ColumnCount "column-count" Error Database "Two lists of columns that belong together are not of one length.";
    ConflictingConfig "conflicting-config" Error Compilation "One configuration has a key under two spellings.";
    ConnectionFailed "connection-failed" Error Database "The warehouse could not be reached or opened.";
    ContractMismatch "contract-mismatch" Error Compilation "A query does not give the columns that its contract promises.";
    Cycle "cycle" Error Compilation "Nodes depend on each other in a circle.";
    DataTestFailed "data-test-failed" Error Runtime "A data test found rows that should not be there.";
    DatabaseError "database-error" Error Database "The warehouse refused a statement.";
    DatabaseLocked "database-locked" Error Database "Another process has the database file open.";
    DeadModel "dead-model" Warning Compilation "Nothing reads a model.";
    Deprecated "deprecated" Warning Parsing "Something that will stop working in a later dbt.";
    DeprecatedKey "deprecated-key" Warning Parsing "A YAML key has an old name.";
    DeprecatedModel "deprecated-model" Warning Runtime "A model has passed its deprecation date.";
    DeprecatedReference "deprecated-reference" Warning Runtime "A node refers to a model that has passed its deprecation date.";
    DisabledRef "disabled-ref" Error Compilation "A ref names a node that is disabled.";
    DuplicateColumn "duplicate-column" Error Database "A query gives two columns of the same name.";
    DuplicateKey "duplicate-key" Warning Parsing "A YAML mapping has the same key twice.";
    DuplicateMacro "duplicate-macro" Error Compilation "Two macros of one package have the same name.";
    DuplicateName "duplicate-name" Error Compilation "Two nodes that can be referred to have the same name.";
    DuplicatePatch "duplicate-patch" Error Parsing "Two YAML entries describe the same node.";
    DuplicateRelation "duplicate-relation" Error Compilation "Two nodes would build the same relation.";
    HardCodedRelation "hard-coded-relation" Warning Compilation "A query names a relation itself, without `ref()` or `source()`.";
    IgnoredSelection "ignored-selection" Warning Usage "Options of selection are given that another option makes meaningless.";
    IncompatibleVersion "incompatible-version" Error Runtime "The project asks for another dbt version.";
    InternalError "internal-error" Error Runtime "xform itself failed.";
    InvalidArguments "invalid-arguments" Error Compilation "A macro or function was called with the wrong arguments.";
    InvalidConfig "invalid-config" Error Parsing "A configuration has a value that is not allowed.";
    InvalidCsv "invalid-csv" Error Runtime "A seed file is not well-formed CSV.";
    InvalidFilter "invalid-filter" Error Parsing "A filter of the semantic layer is not well-formed.";
    InvalidFlag "invalid-flag" Error Usage "A flag has a value that is not allowed.";
    InvalidName "invalid-name" Error Parsing "A node has a name that cannot be written everywhere.";
    InvalidProfile "invalid-profile" Error Runtime "The profile or target cannot be used.";
    InvalidProject "invalid-project" Error Runtime "The project file cannot be used.";
    InvalidPython "invalid-python" Error Parsing "A model in Python cannot be read.";
    InvalidSelector "invalid-selector" Error Runtime "A selection could not be understood.";
    InvalidState "invalid-state" Error Runtime "An artifact of an earlier run cannot be used.";
    InvalidUsage "invalid-usage" Error Usage "The command line cannot be understood.";
    InvalidUtf8 "invalid-utf8" Error Parsing "A text file is not UTF-8.";
    InvalidVars "invalid-vars" Error Usage "The variables given on the command line are not a mapping.";
    InvalidYaml "invalid-yaml" Error Parsing "A YAML file cannot be read.";
    JinjaError "jinja-error" Error Compilation "A template failed while it was rendered.";
    JinjaSyntax "jinja-syntax" Error Compilation "A template is not well-formed Jinja.";
    JoinTypeMismatch "join-type-mismatch" Warning Compilation "A join compares text with a number.";
    MisplacedAggregate "misplaced-aggregate" Error Database "An aggregate or window function stands where none may.";
    MissingEnvVar "missing-env-var" Error Parsing "An environment variable without a default is not set.";
    MissingLoadedAt "missing-loaded-at" Warning Parsing "The freshness of a source cannot be told.";
    MissingMacro "missing-macro" Error Compilation "A macro that is called does not exist.";
    MissingPackage "missing-package" Error Dependency "A package is named but not installed.";
    MissingPrimaryKeyTest "missing-primary-key-test" Warning Compilation "No test says that the rows of a table for readers are unique.";
    MissingProfile "missing-profile" Error Runtime "No profile of that name was found.";
    MissingPython "missing-python" Error Runtime "Python, or a package that a model in it needs, is not installed.";
    MissingState "missing-state" Error Runtime "The artifacts of an earlier run are needed, and not there.";
    MissingTimeSpine "missing-time-spine" Error Parsing "The semantic layer needs a model with a row for each day.";
    MissingVar "missing-var" Error Compilation "A variable without a default is not set.";
    NoNodesSelected "no-nodes-selected" Warning Runtime "The selection matches nothing.";
    NotFormatted "not-formatted" Warning Parsing "A file is left as it is by `format`.";
    NotSupported "not-supported" Error Compilation "A dbt feature that xform does not have yet.";
    PackageConflict "package-conflict" Error Dependency "Versions of a package that are asked for do not fit together.";
    PackageMaterialization "package-materialization" Warning Compilation "A package replaces a built-in materialization by itself.";
    PackageUnavailable "package-unavailable" Error Dependency "A package could not be fetched.";
    PrivateRef "private-ref" Error Parsing "A `ref()` names a model that is private to another group.";
    PythonFailed "python-failed" Error Runtime "A model in Python raised an error.";
    RaisedByMacro "raised-by-macro" Error Compilation "A macro raised an error on purpose.";
    RecursionLimit "recursion-limit" Error Compilation "Templates call each other without end.";
    SelectStar "select-star" Warning Compilation "A star decides which columns a model for readers gives.";
    SourceOutsideStaging "source-outside-staging" Warning Compilation "A model that is not in staging reads a source.";
    SqlSyntax "sql-syntax" Error Database "The SQL that a template became is not well-formed.";
    StaleSource "stale-source" Error Runtime "A source was not loaded for too long.";
    StateIsTarget "state-is-target" Warning Runtime "The folder of `--state` is the target folder.";
    TypeMismatch "type-mismatch" Error Database "Values of types that do not go together.";
    UndeclaredColumn "undeclared-column" Warning Compilation "A query reads a column that its source does not declare, and is very like one that it does.";
    UndefinedName "undefined-name" Error Compilation "A template uses a name that nothing defines.";
    UndocumentedModel "undocumented-model" Warning Compilation "A model has no description.";
    UnfilteredBatches "unfiltered-batches" Warning Compilation "No input of a microbatch model says which column is its time.";
    UngroupedColumn "ungrouped-column" Error Database "A column is neither grouped by nor aggregated.";
    UnitTestFailed "unit-test-failed" Error Runtime "A unit test got other rows than it expected.";
    UnknownCode "unknown-code" Error Usage "There is no diagnostic of that code.";
    UnknownColumn "unknown-column" Error Database "A query names a column that is not there.";
    UnknownFunction "unknown-function" Error Database "A query calls a function that is not there.";
    UnknownKey "unknown-key" Warning Parsing "A YAML mapping has a key that nothing reads.";
    UnknownRelation "unknown-relation" Error Database "A query reads a table that is not there.";
    UnknownRule "unknown-rule" Warning Compilation "The project file sets a rule that does not exist.";
    UnknownType "unknown-type" Error Database "A query names a type that is not there.";
    UnmatchedColumn "unmatched-column" Warning Compilation "A YAML entry describes a column that its node does not have.";
    UnmatchedPatch "unmatched-patch" Warning Parsing "A YAML entry describes a node that does not exist.";
    UnpinnedPackage "unpinned-package" Warning Dependency "A git package has no revision, so that it may change at any time.";
    UnresolvedDoc "unresolved-doc" Error Compilation "A `doc()` names a block that does not exist.";
    UnresolvedMeasure "unresolved-measure" Error Parsing "A metric names a measure that no semantic model has.";
    UnresolvedMetric "unresolved-metric" Error Compilation "A metric is named that does not exist.";
    UnresolvedRef "unresolved-ref" Error Compilation "A `ref()` names a node that does not exist.";
    UnresolvedSource "unresolved-source" Error Compilation "A `source()` names a table that no source declares.";
    UnresolvedTest "unresolved-test" Error Compilation "A data test names a generic test that does not exist.";
    UnsafeArchive "unsafe-archive" Error Dependency "An archive would write outside of its folder, or is too large.";
    UnsupportedConstraint "unsupported-constraint" Warning Parsing "A constraint is on a kind of relation that enforces none.";
    UnusedColumn "unused-column" Warning Compilation "A column of a model is used by nothing in the end.";
    UnusedConfigPath "unused-config-path" Warning Parsing "A configuration in the project file matches no node.";
    UnusedCte "unused-cte" Warning Compilation "A common table expression is not used.";
    UnusedInput "unused-input" Warning Parsing "A unit test has rows for what its model does not read.";
    UpcomingReferenceDeprecation "upcoming-reference-deprecation" Warning Runtime "A node refers to a model that has a deprecation date.";
    UserWarning "user-warning" Warning Runtime "A macro raised a warning.";
    WrongArguments "wrong-arguments" Error Database "A function is given arguments that it does not take.";
    WrongSourceColumn "wrong-source-column" Error Compilation "A source declares a column that its file or table does not have.";
}

impl Code {
    /// What dbt calls a warning of this code, where it has the same.
    #[must_use]
    pub fn warning_name(self) -> Option<WarningName> {
        Some(match self {
            Self::BrokenContract => WarningName::UnversionedBreakingChange,
            Self::DataTestFailed => WarningName::LogTestResult,
            Self::DeprecatedModel => WarningName::DeprecatedModel,
            Self::DeprecatedReference => WarningName::DeprecatedReference,
            Self::DisabledRef | Self::UnresolvedRef | Self::UnresolvedSource => {
                WarningName::NodeNotFoundOrDisabled
            }
            Self::DuplicateKey => WarningName::DuplicateYAMLKeysDeprecation,
            Self::IgnoredSelection => WarningName::SelectExcludeIgnoredWithSelectorWarning,
            Self::MissingLoadedAt => WarningName::FreshnessConfigProblem,
            Self::NoNodesSelected => WarningName::NoNodesForSelectionCriteria,
            Self::StaleSource => WarningName::LogFreshnessResult,
            Self::StateIsTarget => WarningName::WarnStateTargetEqual,
            Self::UnmatchedPatch => WarningName::NoNodeForYamlKey,
            Self::UnsupportedConstraint => WarningName::UnsupportedConstraintMaterialization,
            Self::UpcomingReferenceDeprecation => WarningName::UpcomingReferenceDeprecation,
            Self::UnusedConfigPath => WarningName::UnusedResourceConfigPath,
            Self::UserWarning => WarningName::JinjaLogWarning,
            _ => return None,
        })
    }

    /// The code of that name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.name() == name)
    }
}

impl serde::Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> serde::Deserialize<'de> for Code {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::find(&name).ok_or_else(|| serde::de::Error::custom(format!("there is no code `{name}`")))
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_stand_in_order_of_name_and_are_found_by_it() {
        assert!(Code::ALL.windows(2).all(|pair| pair[0].name() < pair[1].name()));
        for code in Code::ALL {
            assert_eq!(Code::find(code.name()), Some(*code));
        }
        assert_eq!(Code::find("no-such-code"), None);
    }

    #[test]
    fn every_page_has_its_name_some_words_and_an_example() {
        for code in Code::ALL {
            let page = code.page();
            assert!(page.starts_with(&format!("# {code}\n\n")), "{code}");
            assert!(page.matches("\n```").count() >= 2, "the page of {code} has no example");
            assert!(page.len() > 150, "the page of {code} says too little");
        }
    }
}
