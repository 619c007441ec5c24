//! The settings of libgit2 that hold for the whole process, made once before its first use.
//!
//! This is the only `unsafe` code of the program: libgit2 keeps these settings in plain global variables.

#![expect(unsafe_code, reason = "libgit2 keeps its process-wide settings in global variables without a lock")]

use std::ffi::c_int;
use std::sync::OnceLock;

use git2::{ConfigLevel, opts};

/// The configuration files outside a repository, none of which is read.
const OUTSIDE: [ConfigLevel; 4] =
    [ConfigLevel::ProgramData, ConfigLevel::System, ConfigLevel::XDG, ConfigLevel::Global];

/// Makes libgit2 ready: no configuration but the repository's own is read, and what is written is flushed to disk.
///
/// Every door of this room calls it first; calling it again does nothing. That a repository of another owner is
/// refused is libgit2's default and stays; without a global configuration no `safe.directory` can lift it.
pub fn init() {
    static READY: OnceLock<()> = OnceLock::new();
    READY.get_or_init(|| {
        for level in OUTSIDE {
            // SAFETY: the call stores a path in a global variable. Every use of libgit2 in this program comes after
            // `init` and `OnceLock` lets one thread through while the others wait, so nothing reads it meanwhile.
            unsafe { opts::set_search_path(level, "") }
                .expect("because storing an empty path needs no more than memory");
        }
        // SAFETY: as above; this option takes one C integer, which becomes a global flag.
        let status = unsafe {
            libgit2_sys::git_libgit2_opts(libgit2_sys::GIT_OPT_ENABLE_FSYNC_GITDIR.cast_signed(), c_int::from(true))
        };
        assert!(status == 0, "because the vendored libgit2 has this option");
    });
}
