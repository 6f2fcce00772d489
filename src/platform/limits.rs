//! How many files this process may have open.

use nix::sys::resource::{Resource, getrlimit, rlim_t, setrlimit};

/// The largest number of open files that the system allows this process.
pub fn most_open_files() -> rlim_t {
    getrlimit(Resource::RLIMIT_NOFILE).map_or(rlim_t::MAX, |(_, most)| most)
}

/// Allows as many open files as the system lets a process allow itself. The usual number is far below it only for the
/// sake of programs that call select(), and each meter and each client needs one.
pub fn raise_open_files() {
    if let Ok((now, most)) = getrlimit(Resource::RLIMIT_NOFILE)
        && now < most
    {
        // Refused, the number stays as it is, which is enough for a few meters.
        let _ = setrlimit(Resource::RLIMIT_NOFILE, most, most);
    }
}
