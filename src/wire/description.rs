//! What is known of a protocol as a whole; each one's folder describes its own.

use super::serial::SerialSettings;

/// What is known of a protocol.
pub struct Description {
    /// Its name in the address of a source and in JSON.
    pub name: &'static str,
    /// What one of its frames is called.
    pub title: &'static str,
    /// The serial settings its meters use, the likeliest first; of polled meters, those at which the poller begins.
    pub settings: &'static [SerialSettings],
    /// How meters are polled that respond only to requests.
    pub polling: Option<Polling>,
}

/// What is known of how a protocol's meters are polled.
#[derive(Clone, Copy)]
pub struct Polling {
    /// Whether a poll cycle begins with a sign-on, which may wake the meter and contain its address.
    pub has_sign_on: bool,
    /// Levels of DTR and RTS that power the optical heads in use; `None` if none are known.
    pub head_power: Option<(bool, bool)>,
}
