//! What this process costs the machine, read from /proc at every scrape.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;

/// The `process_*` values that every Prometheus client exports, for this process. Its files stay open.
#[derive(Debug)]
pub struct Process {
    stat: Option<File>,
    descriptors: Option<File>,
    max_descriptors: Option<f64>,
    max_memory: Option<f64>,
    units: Units,
    start_time: Option<f64>,
}

impl Process {
    /// Opens the files of /proc; limits and start time are read here, once.
    pub fn new() -> Self {
        let stat = File::open("/proc/self/stat").ok();
        let units = Units::read();
        let start_time = stat
            .as_ref()
            .and_then(Stat::read)
            .zip(boot_time())
            .map(|(stat, boot)| boot + stat.start_ticks as f64 / units.ticks_a_second);
        let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
        Self {
            stat,
            descriptors: File::open("/proc/self/fd").ok(),
            max_descriptors: soft_limit(&limits, "Max open files"),
            max_memory: soft_limit(&limits, "Max address space"),
            units,
            start_time,
        }
    }

    /// Reads the present state; what cannot be read is omitted.
    pub fn values(&self) -> impl Iterator<Item = Value> {
        let stat = self.stat.as_ref().and_then(Stat::read);
        let stat = stat.as_ref();
        let Units { page, ticks_a_second } = self.units;
        #[rustfmt::skip]
        let values = [
            ("process_cpu_seconds_total", "Total user and system CPU time spent in seconds.", stat.map(|stat| stat.cpu_ticks as f64 / ticks_a_second)),
            ("process_open_fds", "Number of open file descriptors.", self.open_descriptors()),
            ("process_max_fds", "Maximum number of open file descriptors.", self.max_descriptors),
            ("process_virtual_memory_bytes", "Virtual memory size in bytes.", stat.map(|stat| stat.virtual_memory as f64)),
            ("process_virtual_memory_max_bytes", "Maximum amount of virtual memory available in bytes.", self.max_memory),
            ("process_resident_memory_bytes", "Resident memory size in bytes.", stat.map(|stat| stat.resident_pages as f64 * page)),
            ("process_start_time_seconds", "Start time of the process since unix epoch in seconds.", self.start_time),
            ("process_threads", "Number of OS threads in the process.", stat.map(|stat| stat.threads as f64)),
        ];
        values.into_iter().filter_map(|(name, help, value)| Some(Value { name, help, value: value? }))
    }

    /// Counts open descriptors; since Linux 6.2 the folder's size is their number, before that it is 0.
    fn open_descriptors(&self) -> Option<f64> {
        let counted = self.descriptors.as_ref()?.metadata().ok()?.len();
        if counted > 0 {
            return Some(counted as f64);
        }
        // The listing itself opens one, which is closed again before anyone reads the number.
        Some(fs::read_dir("/proc/self/fd").ok()?.count() as f64 - 1.0)
    }
}

/// Forbids core dumps of this process, and other processes of its user to look into its memory.
pub fn forbid_dumps() -> io::Result<()> {
    Ok(nix::sys::prctl::set_dumpable(false)?)
}

impl Default for Process {
    fn default() -> Self {
        Self::new()
    }
}

/// One number about the process.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Value {
    /// The metric's name; one that ends in `_total` is a counter.
    pub name: &'static str,
    pub help: &'static str,
    pub value: f64,
}

/// The fields of /proc/self/stat that are exported (proc_pid_stat(5)).
#[derive(Debug, Eq, PartialEq)]
struct Stat {
    cpu_ticks: u64,
    threads: u64,
    start_ticks: u64,
    virtual_memory: u64,
    resident_pages: u64,
}

impl Stat {
    fn read(file: &File) -> Option<Self> {
        let mut buffer = [0; 1024];
        let length = file.read_at(&mut buffer, 0).ok()?;
        Self::parse(&buffer[..length])
    }

    fn parse(line: &[u8]) -> Option<Self> {
        // The program's name comes second and may contain spaces and brackets: fields are counted from its end.
        let name_end = line.iter().rposition(|&byte| byte == b')')?;
        let mut fields = str::from_utf8(&line[name_end + 1..]).ok()?.split_ascii_whitespace();
        let mut field = |skipped| fields.nth(skipped).and_then(|field| field.parse::<u64>().ok());
        let user = field(11)?;
        let system = field(0)?;
        Some(Self {
            cpu_ticks: user + system,
            threads: field(4)?,
            start_ticks: field(1)?,
            virtual_memory: field(0)?,
            resident_pages: field(0)?,
        })
    }
}

/// What the kernel counts memory and time in, as it tells every program in its auxiliary vector.
#[derive(Debug)]
struct Units {
    page: f64,
    ticks_a_second: f64,
}

impl Units {
    fn read() -> Self {
        const PAGE_SIZE: usize = 6;
        const CLOCK_TICKS: usize = 17;
        let vector = fs::read("/proc/self/auxv").unwrap_or_default();
        let entry = |key| auxiliary(&vector, key).filter(|&value| value > 0);
        Self {
            page: entry(PAGE_SIZE).unwrap_or(4096) as f64,
            ticks_a_second: entry(CLOCK_TICKS).unwrap_or(100) as f64,
        }
    }
}

fn auxiliary(vector: &[u8], key: usize) -> Option<usize> {
    const WORD: usize = size_of::<usize>();
    let (words, _) = vector.as_chunks::<WORD>();
    let (pairs, _) = words.as_chunks::<2>();
    pairs.iter().map(|pair| pair.map(usize::from_ne_bytes)).find(|pair| pair[0] == key).map(|pair| pair[1])
}

/// The first figure of a limit's line; no limit is the greatest number there is, as in the other exporters.
fn soft_limit(table: &str, name: &str) -> Option<f64> {
    let limit = table.lines().find_map(|line| line.strip_prefix(name))?.split_ascii_whitespace().next()?;
    if limit == "unlimited" { Some(u64::MAX as f64) } else { limit.parse().ok() }
}

fn boot_time() -> Option<f64> {
    let stat = fs::read_to_string("/proc/stat").ok()?;
    stat.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use std::time::{SystemTime, UNIX_EPOCH};

    fn values(process: &Process) -> BTreeMap<String, f64> {
        process.values().map(|value| (value.name.to_owned(), value.value)).collect()
    }

    #[test]
    fn this_very_process_is_described() {
        let values = values(&Process::new());
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
        assert_eq!(values.len(), 8);
        assert!(values["process_start_time_seconds"] > now - 86_400.0);
        assert!(values["process_start_time_seconds"] < now + 1.0);
        assert!(values["process_threads"] >= 1.0);
        assert!(values["process_resident_memory_bytes"] > 100_000.0);
        assert!(values["process_virtual_memory_bytes"] > values["process_resident_memory_bytes"]);
        assert!(values["process_max_fds"] >= values["process_open_fds"]);
    }

    #[test]
    fn work_is_counted() {
        let process = Process::new();
        let before = values(&process)["process_cpu_seconds_total"];
        let begun = std::time::Instant::now();
        while values(&process)["process_cpu_seconds_total"] <= before {
            assert!(begun.elapsed() < std::time::Duration::from_secs(60), "no processor time is counted");
            std::hint::black_box((0..100_000u64).sum::<u64>());
        }
    }

    #[test]
    fn opened_files_are_counted() {
        let process = Process::new();
        let before = process.open_descriptors().unwrap();
        // Other tests open files at the same time, though by far not that many.
        let files: Vec<_> = (0..200).map(|_| File::open("/proc/self/stat").unwrap()).collect();
        let after = process.open_descriptors().unwrap();
        assert!((before + 100.0..before + 300.0).contains(&after), "{before} then {after}");
        drop(files);
    }

    #[test]
    fn a_hostile_program_name_does_not_shift_the_fields() {
        let line = b"42 (a) b) 1 2) S 1 42 42 0 -1 4194560 90 0 0 0 7 5 0 0 20 0 3 0 123456 4096000 250 18446744073709551615";
        let expected = Stat {
            cpu_ticks: 12,
            threads: 3,
            start_ticks: 123_456,
            virtual_memory: 4_096_000,
            resident_pages: 250,
        };
        assert_eq!(Stat::parse(line), Some(expected));
        for length in 0..80 {
            assert_eq!(Stat::parse(&line[..length]), None);
        }
    }

    #[test]
    fn limits_are_the_soft_ones() {
        let table = "Limit                     Soft Limit           Hard Limit           Units\n\
                     Max open files            1024                 524288               files\n\
                     Max address space         unlimited            unlimited            bytes\n";
        assert_eq!(soft_limit(table, "Max open files"), Some(1024.0));
        assert_eq!(soft_limit(table, "Max address space"), Some(18_446_744_073_709_551_615.0));
        assert_eq!(soft_limit("", "Max open files"), None);
    }

    #[test]
    fn what_cannot_be_read_is_omitted() {
        let process = Process {
            stat: None,
            descriptors: None,
            max_descriptors: None,
            max_memory: None,
            units: Units::read(),
            start_time: Some(5.0),
        };
        assert_eq!(values(&process), BTreeMap::from([("process_start_time_seconds".to_owned(), 5.0)]));
    }
}
