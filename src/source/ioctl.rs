//! Reads how many line errors a serial driver has counted, which no safe crate does.
#![allow(unsafe_code)]

use std::os::fd::AsRawFd;

use libc::c_int;

use super::LineErrors;

/// Reads the driver's counters; `None` where it has none, as on a pseudo-terminal.
pub fn line_errors(port: &impl AsRawFd) -> Option<LineErrors> {
    let mut counters = Counters::default();
    // SAFETY: TIOCGICOUNT writes one `struct serial_icounter_struct`, which `Counters` mirrors, and keeps no pointer.
    let answer = unsafe { libc::ioctl(port.as_raw_fd(), libc::TIOCGICOUNT, &raw mut counters) };
    (answer == 0).then(|| LineErrors {
        frame: count(counters.frame),
        parity: count(counters.parity),
        overrun: count(counters.overrun) + count(counters.buffer_overrun),
        breaks: count(counters.breaks),
    })
}

/// The kernel counts in a signed integer that wraps.
fn count(value: c_int) -> u64 {
    u64::from(value.cast_unsigned())
}

/// `struct serial_icounter_struct` of linux/serial.h.
#[repr(C)]
#[derive(Default)]
struct Counters {
    modem_lines: [c_int; 4],
    received: c_int,
    sent: c_int,
    frame: c_int,
    overrun: c_int,
    parity: c_int,
    breaks: c_int,
    buffer_overrun: c_int,
    reserved: [c_int; 9],
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Whether a terminal refuses further openings (TIOCGEXCL).
    pub fn is_exclusive(port: &impl AsRawFd) -> bool {
        let mut flag: c_int = -1;
        // SAFETY: TIOCGEXCL writes one int and keeps no pointer.
        let answer = unsafe { libc::ioctl(port.as_raw_fd(), libc::TIOCGEXCL, &raw mut flag) };
        assert_eq!(answer, 0);
        flag != 0
    }

    /// The terminal's attributes.
    pub fn attributes(port: &impl AsRawFd) -> libc::termios {
        let mut termios = std::mem::MaybeUninit::uninit();
        // SAFETY: tcgetattr fills the structure whenever it returns 0, which is asserted before it is read.
        unsafe {
            assert_eq!(libc::tcgetattr(port.as_raw_fd(), termios.as_mut_ptr()), 0);
            termios.assume_init()
        }
    }

    #[test]
    fn the_structure_has_the_layout_of_the_kernel() {
        assert_eq!(size_of::<Counters>(), 20 * size_of::<c_int>());
        assert_eq!(std::mem::offset_of!(Counters, frame), 6 * size_of::<c_int>());
        assert_eq!(std::mem::offset_of!(Counters, buffer_overrun), 10 * size_of::<c_int>());
    }

    #[test]
    fn a_device_without_counters_has_none() {
        let file = std::fs::File::open("/dev/null").unwrap();
        assert_eq!(line_errors(&file), None);
    }

    #[test]
    fn a_wrapped_counter_stays_positive() {
        assert_eq!(count(-1), 4_294_967_295);
    }
}
