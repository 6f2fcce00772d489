//! The longer texts of `--help`.

use crate::simulator;

/// The heading of the options about the meter.
pub const METER: &str = "Meter";
/// The heading of the options about serving.
pub const WEB: &str = "Web";
/// The heading of the options about the log.
pub const LOG: &str = "Log";
/// What the program is.
pub const ABOUT: &str =
    "Prometheus exporter for smart electricity meters read over their customer port (HAN, H1, P1)";
/// What stands below the options of the main job.
pub const EXAMPLES: &str = "\
Sources:
  auto                     the one serial adapter found
  /dev/ttyUSB0             a serial port, its settings detected;
                           serial:/dev/ttyUSB0?baud=2400&parity=even fixes some
  /dev/ttyUSB0?protocol=P  a meter that waits to be asked, over an optical head; P is
                           kmp382, kmp (Kamstrup) or iec (IEC 62056-21); &interval=30s,
                           &dtr=on|off, &rts=on|off; iec: &address=N, &wake=on|uh50.
                           hdlc, mbus, p1 and sml narrow what is detected
  tcp://HOST:PORT          a network adapter, like ser2net or an ESP bridge; ?protocol= too
  file:PATH?pace=line|max  a capture, raw or hexadecimal; - for standard input
  sim:kaifa                a simulated meter, no hardware needed; 'simulate --help' names them all

Examples:
  han-exporter             read the adapter found, serve http://localhost:10170/metrics
  han-exporter --source tcp://10.0.0.7:2001 --web.listen-address 127.0.0.1:10170
  han-exporter doctor      find out why there is no data
  han-exporter decode --format json capture.bin

Every option of the main job is also an environment variable:
--web.listen-address is HAN_EXPORTER_WEB_LISTEN_ADDRESS.
Exit codes: 0 ok, 1 failure while running, 2 wrong use, 78 wrong configuration.";
/// What stands below the options of `simulate`.
pub fn simulate() -> String {
    let [encryption, authentication] = simulator::KEYS;
    let meters = columns(simulator::names());
    format!(
        "Meters:\n{meters}\n\
         Those that encrypt have the keys {encryption:032x} (--key-file)\n\
         and {authentication:032x} (--auth-key-file).\n\n{FAULTS}"
    )
}

/// Names in columns.
fn columns(names: impl Iterator<Item = &'static str>) -> String {
    const IN_A_LINE: usize = 5;
    let names: Vec<_> = names.collect();
    let line = |names: &[&str]| names.iter().map(|name| format!("  {name:<18}")).collect::<String>();
    names.chunks(IN_A_LINE).map(|names| format!("{}\n", line(names).trim_end())).collect()
}

const FAULTS: &str = "\
Faults, each with its rate a frame:
  bitflip=R, lost=R, doubled=R, parity=R  a bit is wrong, a byte lost, doubled, or garbled as by wrong parity
  cut=R, noise=R, silence=R, unplug=R     a frame ends early, garbage before it, a pause, the line drops
  echo=R, deaf=R                          what a meter is asked comes back, or does not reach it

kmp382, kmp, multical, kamstrup-iec, zmd120 and 2wr5 wait to be asked, on a pty or a socket.

Example:
  han-exporter simulate kaifa --to tcp:127.0.0.1:7000 --speed 10 --fault bitflip=0.01";

#[cfg(test)]
mod tests {
    use super::super::options::definition;
    use super::simulator;

    #[test]
    fn every_option_says_what_it_is_for() {
        let command = definition();
        let all = command.get_subcommands().chain([&command]).flat_map(clap::Command::get_arguments);
        for arg in all {
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.len() > 15 && !help.ends_with('.'), "{}: {help}", arg.get_id());
        }
    }

    #[test]
    fn every_simulated_meter_is_listed() {
        let help = super::simulate();
        for name in simulator::names() {
            assert!(help.split_whitespace().any(|word| word == name), "{name}");
        }
    }

    #[test]
    fn the_help_fits_a_terminal() {
        let mut command = definition();
        command.build();
        let help = command.render_help().to_string();
        let others: String =
            command.get_subcommands_mut().map(|command| command.render_help().to_string()).collect();
        for line in help.lines().chain(others.lines()) {
            assert!(line.chars().count() <= 120, "{line}");
        }
    }
}
