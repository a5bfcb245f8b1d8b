use crate::text::SourceMap;

/// What a template rendered to.
#[derive(Clone, Debug, Default)]
pub struct Rendered {
    pub text: String,
    /// Output of macros maps to the expression in the template that called them; see
    /// [`Engine::trace`](super::Engine::trace) for the place inside the macro.
    pub source_map: SourceMap,
    /// Macros that the template itself called (not those they called), as
    /// `package.name`, in order of first call.
    pub macros_called: Vec<String>,
    /// Whether any macro that is not xform's own was called, by the template or by a macro.
    pub called_users_macro: bool,
}
