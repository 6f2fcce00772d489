//! What a browser gets, and under which names.

use std::fs;

use crate::daemon::Folder;
use crate::support::exporter::Exporter;

/// What a browser sends that asks under this name.
fn browser(host: &str) -> String {
    format!("Host: {host}\r\nUser-Agent: Mozilla/5.0\r\nAccept-Language: en")
}

#[test]
fn browsers_are_answered_under_the_names_of_options_file_and_reload() {
    let folder = Folder::new("browser");
    let file = folder.path("meters.yml");
    let allow = |host: &str| {
        let text = format!("meters: [{{name: a, source: sim:kaifa}}]\nweb: {{allowed_hosts: [{host}]}}\n");
        fs::write(&file, text).unwrap();
    };
    allow("first.example");
    let exporter = Exporter::start(&["--config.file", &file, "--web.allowed-host", "always.example"]);
    let status = |host: &str| {
        let (head, _) = exporter.ask_with("/metrics", &browser(host));
        head.split(' ').nth(1).unwrap().to_owned()
    };
    assert_eq!(
        ["always.example", "first.example", "second.example", "han.local"].map(status),
        ["200", "200", "421", "200"]
    );
    let warning = "Refused a browser; if the name is yours, allow it with --web.allowed-host";
    exporter.until(|| exporter.said().contains(warning), "the log to name the option");
    assert!(exporter.said().contains("host=second.example"), "{}", exporter.said());
    let (head, _) = exporter.ask_with("/metrics", "Host: second.example\r\nUser-Agent: Prometheus/3.5.3");
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");

    allow("second.example");
    exporter.signal("HUP");
    exporter.until(|| status("second.example") == "200", "the reload to allow the host");
    assert_eq!(["always.example", "first.example"].map(status), ["200", "421"]);
    exporter.stop();
}

#[test]
fn the_page_runs_nothing_and_loads_only_its_own_style() {
    let exporter = Exporter::start(&["--source", "sim:kaifa"]);
    let (head, page) = exporter.ask_with("/", &browser("localhost"));
    let policy =
        "content-security-policy: default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'";
    assert!(head.lines().any(|line| line == policy), "{head}");
    assert!(page.contains("<link rel=\"stylesheet\" href=\"style.css\">"), "{page}");
    for inline in ["<style", " style=", "<script", "<img", " on"] {
        let tags = page.split('<').map(|tag| format!("<{}", tag.split('>').next().unwrap()));
        assert!(!tags.into_iter().any(|tag| tag.contains(inline)), "the policy forbids {inline}: {page}");
    }
    let (head, style) = exporter.ask_with("/style.css", &browser("localhost"));
    assert!(head.contains("content-type: text/css"), "{head}");
    assert!(style.contains("body {"), "{style}");
    exporter.stop();
}
