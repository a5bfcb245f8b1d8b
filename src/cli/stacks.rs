use std::panic::resume_unwind;

/// Address space for the stack of a thread that renders: templates nest deep, and each stack that
/// is made on the way costs three calls of the system. Only what is touched takes memory.
const STACK: usize = 64 * 1024 * 1024;

/// Does the work on a thread that has a large stack, and gives such stacks to the threads that
/// share work later. Where the machine does not give them, the stacks there are have to do: who
/// nests deep makes more where it runs out.
pub(super) fn with_large_stacks<T: Send>(work: impl Fn() -> T + Sync) -> T {
    // It fails only where there are such threads already.
    let _ = rayon::ThreadPoolBuilder::new().stack_size(STACK).build_global();
    std::thread::scope(|scope| {
        // Templates see the name of their thread.
        let thread = std::thread::Builder::new().name("main".to_owned()).stack_size(STACK);
        match thread.spawn_scoped(scope, &work) {
            Ok(done) => done.join().unwrap_or_else(|payload| resume_unwind(payload)),
            Err(_) => work(),
        }
    })
}
