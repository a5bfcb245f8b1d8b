use std::any::Any;
use std::cell::RefCell;
use std::panic::PanicHookInfo;

use super::{Code, Diagnostic};

thread_local! {
    /// Where the last panic of this thread was.
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// From now on a panic is not printed; whoever catches it tells of it with
/// [`internal_error`].
pub fn keep_panics_quiet() {
    std::panic::set_hook(Box::new(|panic: &PanicHookInfo<'_>| {
        PLACE.with(|place| *place.borrow_mut() = panic.location().map(ToString::to_string));
    }));
}

/// The diagnostic for a panic that was caught: a defect of xform, not of the project.
#[must_use]
pub fn internal_error(payload: &(dyn Any + Send)) -> Diagnostic {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let message = format!("xform has a defect: {}", text.unwrap_or("no more is known").trim());
    let place = PLACE.with(|place| place.borrow_mut().take());
    let diagnostic = Diagnostic::error(Code::InternalError, message)
        .help("this is not your fault: report it with the template that brought it about");
    place.into_iter().fold(diagnostic, |diagnostic, place| diagnostic.note(format!("at {place}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_told_with_its_words() {
        let payload = std::panic::catch_unwind(|| panic!("열 {}", 7)).unwrap_err();
        let told = internal_error(&*payload);
        assert_eq!(told.code(), Code::InternalError);
        assert_eq!(told.message(), "xform has a defect: 열 7");
        let payload = std::panic::catch_unwind(|| std::panic::panic_any(7)).unwrap_err();
        assert_eq!(internal_error(&*payload).message(), "xform has a defect: no more is known");
    }
}
