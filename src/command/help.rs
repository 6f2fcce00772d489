//! The longer texts of `--help`.

/// What the program is.
pub const ABOUT: &str =
    "Prometheus exporter for smart electricity meters read over their customer port (HAN, H1, P1)";

/// What follows the options of the main job.
pub const EXAMPLES: &str = "\
Sources:
  auto                     the one serial adapter found
  /dev/ttyUSB0             a serial port whose settings are detected;
                           serial:/dev/ttyUSB0?baud=2400&parity=even sets some of them
  /dev/ttyUSB0?protocol=P  a meter that must be polled, over an optical head; P is
                           kmp382, kmp (Kamstrup) or iec (IEC 62056-21); &interval=30s,
                           &dtr=on|off, &rts=on|off; iec: &address=N, &wake=on|uh50;
                           hdlc, mbus, p1 and sml restrict what is detected
  tcp://HOST:PORT          a network adapter, like ser2net or an ESP bridge; ?protocol= too
  file:PATH?pace=line|max  a capture, raw or hexadecimal; - for standard input
  sim:kaifa                a simulated meter, no hardware needed; 'simulate --help' lists all of them

Examples:
  han-exporter             read the adapter found, serve http://localhost:10170/metrics
  han-exporter --source tcp://10.0.0.7:2001 --web.listen-address 127.0.0.1:10170
  han-exporter doctor      find out why there is no data
  han-exporter decode --format json capture.bin

Without key files, the systemd credentials han-key and han-auth-key are used, if any.
Every option of the main job but --check-config is also an environment variable:
--web.listen-address is HAN_EXPORTER_WEB_LISTEN_ADDRESS.
Exit codes: 0 ok, 1 runtime error, 2 usage error, 78 configuration error.";

#[cfg(test)]
mod tests {
    use crate::command::definition;

    #[test]
    fn every_option_has_a_help_text_without_full_stop() {
        let command = definition();
        let all = command.get_subcommands().chain([&command]).flat_map(clap::Command::get_arguments);
        for arg in all {
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.len() > 15 && !help.ends_with('.'), "{}: {help}", arg.get_id());
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
