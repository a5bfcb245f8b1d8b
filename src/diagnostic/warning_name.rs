use serde::{Deserialize, Serialize};

/// Declares [`WarningName`] from a table of names and codes.
macro_rules! names {
    ($($name:ident $code:literal;)*) => {
        /// What dbt calls a warning: the name of its event in the JSON log, and the word for
        /// it in `--warn-error-options`.
        /// See <https://docs.getdbt.com/reference/global-configs/warnings>.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[allow(missing_docs, reason = "the names are dbt's, whose documentation has their meaning")]
        pub enum WarningName {
            $($name,)*
        }

        impl WarningName {
            /// All names, in their order.
            pub const ALL: &'static [WarningName] = &[$(WarningName::$name,)*];

            /// As dbt writes it: `NoNodesForSelectionCriteria`.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(WarningName::$name => stringify!($name),)* }
            }

            /// The code of the event: `M030`.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(WarningName::$name => $code,)* }
            }
        }
    };
}

names! {
    AdapterDeprecationWarning "D005";
    AdapterEventWarning "E003";
    ArgumentsPropertyInGenericTestDeprecation "D038";
    BehaviorChangeEvent "D000";
    CatalogGenerationError "E040";
    CollectFreshnessReturnSignature "D012";
    ConfigDataPathDeprecation "D004";
    ConfigLogPathDeprecation "D010";
    ConfigSourcePathDeprecation "D003";
    ConfigTargetPathDeprecation "D011";
    ConstraintNotEnforced "E048";
    ConstraintNotSupported "E049";
    CustomKeyInConfigDeprecation "D026";
    CustomKeyInObjectDeprecation "D027";
    CustomOutputPathInSourceFreshnessDeprecation "D029";
    CustomTopLevelKeyDeprecation "D025";
    DeprecatedModel "I065";
    DeprecatedReference "I067";
    DeprecationsSummary "D028";
    DepsScrubbedPackageName "M035";
    DepsUnpinned "M029";
    DuplicateNameDistinctNodeTypesDeprecation "D040";
    DuplicateYAMLKeysDeprecation "D024";
    EnvironmentVariableNamespaceDeprecation "D036";
    EnvironmentVariableRenamed "D009";
    ExposureNameDeprecation "D007";
    FreshnessConfigProblem "I073";
    GenerateSchemaNameNullValueDeprecation "D044";
    GenericJSONSchemaValidationDeprecation "D022";
    GenericSemanticLayerDeprecation "D042";
    GetMetaKeyWarning "D041";
    InternalDeprecation "D008";
    InvalidConcurrentBatchesConfig "I075";
    InvalidMacroAnnotation "I076";
    InvalidValueForField "I008";
    JinjaLogWarning "I061";
    LogBatchResult "Q046";
    LogFreshnessResult "Q018";
    LogModelResult "Q012";
    LogNodeResult "Q008";
    LogSeedResult "Q016";
    LogSnapshotResult "Q015";
    LogTestResult "Q007";
    MFConverterIssue "I078";
    MFCumulativeTypeParamsDeprecation "D019";
    MFTimespineWithoutYamlConfigurationDeprecation "D018";
    MacroNotFoundForPatch "I059";
    MetricAttributesRenamed "D006";
    MicrobatchMacroOutsideOfBatchesDeprecation "D020";
    MicrobatchModelNoEventTimeInputs "I074";
    MissingArgumentsPropertyInGenericTestDeprecation "D039";
    MissingPlusPrefixDeprecation "D037";
    ModelParamUsageDeprecation "D032";
    ModulesItertoolsUsageDeprecation "D034";
    NoNodeForYamlKey "I058";
    NoNodesForSelectionCriteria "M030";
    NoNodesSelected "Q038";
    NodeNotFoundOrDisabled "I060";
    NothingToDo "Q035";
    PackageInstallPathDeprecation "D002";
    PackageMaterializationOverrideDeprecation "D016";
    PackageNodeDependsOnRootProjectNode "I077";
    PackageRedirectDeprecation "D001";
    ProjectFlagsMovedDeprecation "D013";
    PropertyMovedToConfigDeprecation "D030";
    ResourceNamesWithSpacesDeprecation "D015";
    RunResultWarning "Z021";
    RunResultWarningMessage "Z046";
    SeedExceedsLimitAndPathChanged "I054";
    SeedExceedsLimitChecksumChanged "I055";
    SeedExceedsLimitSamePath "I053";
    SeedIncreased "I052";
    SelectExcludeIgnoredWithSelectorWarning "Z064";
    SemanticValidationFailure "I070";
    SnapshotTimestampWarning "Q043";
    SourceFreshnessProjectHooksNotRun "D017";
    SourceOverrideDeprecation "D035";
    SpacesInResourceNameDeprecation "D014";
    TestsConfigDeprecation "D012";
    TimeDimensionsRequireGranularityDeprecation "D041";
    UnexpectedJinjaBlockDeprecation "D023";
    UnsupportedConstraintMaterialization "I068";
    UnusedResourceConfigPath "I051";
    UnusedTables "I056";
    UnversionedBreakingChange "I071";
    UpcomingReferenceDeprecation "I066";
    ValidationWarning "I009";
    WEOIncludeExcludeDeprecation "D031";
    WarnStateTargetEqual "I072";
    WrongResourceSchemaFile "I057";
}

impl WarningName {
    /// The warning of that name; dbt also takes `LogTestResults` for `LogTestResult`.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        let name = if name == "LogTestResults" { "LogTestResult" } else { name };
        Self::ALL.iter().copied().find(|known| known.name() == name)
    }

    /// Whether it says that something will stop working in a later dbt: told once a kind, and
    /// counted at the end. See <https://docs.getdbt.com/reference/deprecations>.
    #[must_use]
    pub fn is_deprecation(self) -> bool {
        self.code().starts_with('D')
            && !matches!(self, Self::DeprecationsSummary | Self::SpacesInResourceNameDeprecation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_in_order_and_are_found() {
        assert!(WarningName::ALL.windows(2).all(|pair| pair[0].name() < pair[1].name()));
        assert!(WarningName::ALL.iter().all(|name| WarningName::find(name.name()) == Some(*name)));
        assert_eq!(WarningName::find("LogTestResults"), Some(WarningName::LogTestResult));
        assert_eq!(WarningName::find("모름"), None);
    }

    #[test]
    fn deprecations_are_told_from_other_warnings() {
        assert!(WarningName::ConfigLogPathDeprecation.is_deprecation());
        assert!(!WarningName::NoNodesForSelectionCriteria.is_deprecation());
        assert!(!WarningName::DeprecationsSummary.is_deprecation());
    }
}
