/// How long a batch of a microbatch model is: its config `batch_size`.
/// See <https://docs.getdbt.com/reference/resource-configs/batch-size>.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TimeGrain {
    Hour,
    Day,
    Month,
    Year,
}

impl TimeGrain {
    pub const ALL: [Self; 4] = [Self::Hour, Self::Day, Self::Month, Self::Year];

    /// As configuration has it: `day`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grain| grain.name() == name)
    }

    /// As `3 days` has it.
    pub(super) fn find_in_any_number(name: &str) -> Option<Self> {
        let name = name.to_lowercase();
        Self::find(name.strip_suffix('s').unwrap_or(&name))
    }
}
