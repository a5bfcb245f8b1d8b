/// What is to be printed.
#[derive(Clone, Debug)]
pub(super) enum Doc {
    /// A token by number; the printer knows what stands before it.
    Text(usize),
    /// A line may end here, and does if the group around it does not fit.
    Soft,
    /// A line ends here.
    Hard,
    /// A line ends here, and one is left empty.
    Blank,
    Indent(Vec<Doc>),
    Group(Group),
}

/// What stands in one line, or is broken at its soft ends.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub docs: Vec<Doc>,
    /// It has to be broken.
    pub is_broken: bool,
    /// Columns when it is not.
    pub width: usize,
}

impl Doc {
    pub(super) fn group(docs: Vec<Doc>) -> Self {
        Doc::Group(Group { docs, is_broken: false, width: 0 })
    }

    pub(super) fn broken(docs: Vec<Doc>) -> Self {
        Doc::Group(Group { docs, is_broken: true, width: 0 })
    }
}

/// Finds out widths, and which groups hold what breaks them: their sum, and whether there is
/// something such in `docs`.
pub(super) fn measure(docs: &mut [Doc], text: &dyn Fn(usize) -> (usize, bool)) -> (usize, bool) {
    let (mut width, mut breaks) = (0, false);
    for doc in docs {
        let (inner, inner_breaks) = match doc {
            Doc::Text(at) => text(*at),
            Doc::Soft => (0, false),
            Doc::Hard | Doc::Blank => (0, true),
            Doc::Indent(docs) => measure(docs, text),
            Doc::Group(group) => {
                let (inner, inner_breaks) = measure(&mut group.docs, text);
                group.width = inner;
                group.is_broken |= inner_breaks;
                (inner, group.is_broken)
            }
        };
        width += inner;
        breaks |= inner_breaks;
    }
    (width, breaks)
}
