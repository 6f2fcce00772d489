//! Meters that answer, on pseudo-terminals.
//!
//! A pseudo-terminal carries octets at any speed. Here the meter looks at the speed that the reader has set, as a line
//! would: what is sent at another one arrives as garbage.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::io::{Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use han_exporter::wire::line::{Parity, Settings};
use tokio_serial::{SerialPort, SerialStream};

use super::support::asked::{Iec, Meter};

/// A readout of mode C, without its check character.
pub const READOUT: &[u8] =
    b"/LGZ5ZMD120APt.G03\r\n\x020.0.0(12345678)\r\n1.8.0(001846.0*kWh)\r\n1.8.0*01(001800.0*kWh)\r\n\
    1.7.0(00.49*kW)\r\n!\r\n\x03";

/// The line of a Kamstrup 685-382.
pub const KMP382: Settings = Settings::new(1200, 8, Parity::Even).two_stops();
/// The line of IEC 62056-21.
pub const IEC: Settings = Settings::new(300, 7, Parity::Even);

/// A meter that answers with these octets and their check character.
pub fn readout(octets: &[u8]) -> Iec {
    let start = octets.iter().position(|octet| *octet == 2).unwrap() + 1;
    let check = octets[start..].iter().fold(0, |all, octet| all ^ octet);
    Iec::of(&[octets, &[check]].concat())
}

/// A meter on a pseudo-terminal, in a thread of its own.
pub struct Outlet {
    pub path: String,
    plugged: Arc<AtomicBool>,
    /// What went wrong with the line's speed.
    faults: Arc<Mutex<Vec<String>>>,
    thread: Option<JoinHandle<()>>,
}

impl Outlet {
    pub fn plug(mut meter: impl Meter + Send + 'static, usual: Settings) -> Self {
        let plugged = Arc::new(AtomicBool::new(true));
        let faults = Arc::new(Mutex::new(Vec::new()));
        let (on, told) = (Arc::clone(&plugged), Arc::clone(&faults));
        let (tell, path) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let _entered = runtime.enter();
            // The reader's end is kept open here: a pseudo-terminal that nobody has open hangs up.
            let (mut line, reader) = SerialStream::pair().unwrap();
            tell.send(reader.name().unwrap()).unwrap();
            while on.load(Ordering::Relaxed) {
                answer(&mut line, &mut meter, usual, &told);
            }
        });
        Outlet { path: path.recv().unwrap(), plugged, faults, thread: Some(thread) }
    }

    pub fn faults(&self) -> Vec<String> {
        self.faults.lock().unwrap().clone()
    }
}

impl Drop for Outlet {
    fn drop(&mut self) {
        self.plugged.store(false, Ordering::Relaxed);
        let ended = self.thread.take().map(JoinHandle::join);
        assert!(ended.is_none_or(|ended| ended.is_ok()) || std::thread::panicking());
    }
}

/// Hears a request, if there is one, and sends what the meter answers, piece by piece at the speed it is meant for.
fn answer(line: &mut SerialStream, meter: &mut impl Meter, usual: Settings, faults: &Mutex<Vec<String>>) {
    let mut request = Vec::new();
    let mut buffer = [0; 128];
    loop {
        std::thread::sleep(Duration::from_millis(10));
        match line.read(&mut buffer) {
            Ok(count @ 1..) => request.extend_from_slice(&buffer[..count]),
            _ if request.is_empty() => return,
            _ => break,
        }
    }
    // A pseudo-terminal keeps the speed and the stop bits, and neither parity nor data bits.
    let baud = line.baud_rate().unwrap();
    let at = |baud| Settings { baud, ..usual };
    let said = meter.hear(&request, at(baud));
    send(line, &said, baud);
    // A meter that goes on by itself changes its speed first, and no sooner than the last octet has left.
    let transmission = at(baud).octet() * request.len() as u32;
    let heard = Instant::now();
    while heard.elapsed() + Duration::from_millis(60) < transmission {
        if line.baud_rate().unwrap() != baud {
            faults.lock().unwrap().push(format!("changed its speed {:?} after it wrote", heard.elapsed()));
            break;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    std::thread::sleep(transmission.saturating_sub(heard.elapsed()) + Duration::from_millis(200));
    let baud = line.baud_rate().unwrap();
    let said = meter.more(at(baud));
    send(line, &said, baud);
}

fn send(line: &mut SerialStream, octets: &[u8], baud: u32) {
    for piece in octets.chunks(8) {
        let is_heard = line.baud_rate().unwrap() == baud;
        let piece: Vec<u8> = piece.iter().map(|octet| if is_heard { *octet } else { octet ^ 0x15 }).collect();
        line.write_all(&piece).unwrap();
        std::thread::sleep(Duration::from_millis(2));
    }
}
