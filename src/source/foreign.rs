//! USB devices with a serial port to which no meter is connected. `auto` leaves them alone.

use std::fs;
use std::path::Path;

/// Devices by vendor and product; `None`: all products of this vendor. Chips that any device may contain (CP210x, CH340,
/// FTDI, PL2303) are not here: what is built around them reveals itself by name at most.
#[rustfmt::skip]
const IDS: [(&str, Option<&str>, &str); 27] = [
    ("0451", Some("16a8"), "Zigbee"),
    ("0451", Some("bef3"), "Zigbee"),
    ("10c4", Some("89fb"), "Zigbee"),
    ("10c4", Some("8a2a"), "Zigbee and Z-Wave"),
    ("10c4", Some("8b34"), "Zigbee"),
    ("1cf1", None,         "Zigbee"),
    ("0658", Some("0200"), "Z-Wave"),
    ("091e", None,         "GPS"),
    ("1546", None,         "GPS"),
    ("05c6", None,         "modem"),
    ("1199", None,         "modem"),
    ("12d1", None,         "modem"),
    ("19d2", None,         "modem"),
    ("1bc7", None,         "modem"),
    ("1e0e", None,         "modem"),
    ("2c7c", None,         "modem"),
    ("0d28", None,         "debugger"),
    ("0483", Some("374b"), "debugger"),
    ("0483", Some("374e"), "debugger"),
    ("0483", Some("374f"), "debugger"),
    ("1366", None,         "debugger"),
    ("16c0", Some("0483"), "microcontroller"),
    ("2341", None,         "microcontroller"),
    ("239a", None,         "microcontroller"),
    ("2a03", None,         "microcontroller"),
    ("03eb", Some("204b"), "radio"),
    ("2c99", None,         "3D printer"),
];

/// Parts of the names that devices give themselves, in small letters.
const NAMES: [(&str, &str); 30] = [
    ("zigbee", "Zigbee"),
    ("zbdongle", "Zigbee"),
    ("zigstar", "Zigbee"),
    ("conbee", "Zigbee"),
    ("raspbee", "Zigbee"),
    ("cc2531", "Zigbee"),
    ("cc2652", "Zigbee"),
    ("skyconnect", "Zigbee"),
    ("connect zbt", "Zigbee"),
    ("hubz", "Zigbee and Z-Wave"),
    ("z-wave", "Z-Wave"),
    ("zwave", "Z-Wave"),
    ("z-stick", "Z-Wave"),
    ("gps", "GPS"),
    ("gnss", "GPS"),
    ("u-blox", "GPS"),
    ("modem", "modem"),
    ("arduino", "microcontroller"),
    ("teensy", "microcontroller"),
    ("j-link", "debugger"),
    ("enocean", "radio"),
    ("rfxtrx", "radio"),
    ("rflink", "radio"),
    ("im871a", "radio"),
    ("cul868", "radio"),
    ("lora", "radio"),
    ("bluetooth", "radio"),
    ("ve direct", "solar charger"),
    ("knx", "KNX"),
    ("marlin", "3D printer"),
];

/// What a serial port's device is, if it is known to be no meter's adapter. `sys` is the folder `/sys`.
pub fn kind(sys: &Path, port: &Path) -> Option<&'static str> {
    let name = port.canonicalize().ok()?.file_name()?.to_owned();
    let interface = sys.join("class/tty").join(name).join("device").canonicalize().ok()?;
    let device = interface.ancestors().find(|folder| folder.join("idVendor").exists())?;
    let attribute = |name| fs::read_to_string(device.join(name)).unwrap_or_default().trim().to_lowercase();
    let (vendor, product) = (attribute("idVendor"), attribute("idProduct"));
    let by_id = IDS
        .iter()
        .find(|(of, only, _)| *of == vendor && only.is_none_or(|only| only == product))
        .map(|(_, _, kind)| *kind);
    let title = format!("{} {}", attribute("manufacturer"), attribute("product"));
    by_id.or_else(|| NAMES.iter().find(|(part, _)| title.contains(part)).map(|(_, kind)| *kind))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    /// Makes a device in a folder like `/sys`, as the kernel does for a port of a USB adapter.
    pub fn plug(sys: &Path, port: &str, [vendor, product, manufacturer, title]: [&str; 4]) {
        let device = sys.join("devices/usb1").join(port);
        let interface = device.join("1-1:1.0");
        fs::create_dir_all(&interface).unwrap();
        for (name, text) in
            [("idVendor", vendor), ("idProduct", product), ("manufacturer", manufacturer), ("product", title)]
        {
            fs::write(device.join(name), format!("{text}\n")).unwrap();
        }
        fs::create_dir_all(sys.join("class/tty").join(port)).unwrap();
        symlink(&interface, sys.join("class/tty").join(port).join("device")).unwrap();
    }

    #[test]
    fn devices_are_known_by_their_ids_or_by_their_names() {
        let root = std::env::temp_dir().join(format!("han-foreign-{}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        for (number, (device, expected)) in [
            (["1cf1", "0030", "dresden elektronik", "ConBee II"], Some("Zigbee")),
            (["0658", "0200", "", ""], Some("Z-Wave")),
            (["1546", "01A8", "", ""], Some("GPS")),
            (["10c4", "ea60", "Itead", "Sonoff Zigbee 3.0 USB Dongle Plus"], Some("Zigbee")),
            (["0403", "6015", "VictronEnergy BV", "VE Direct cable"], Some("solar charger")),
            (["10c4", "ea60", "Silicon Labs", "CP2102 USB to UART Bridge Controller"], None),
            (["0403", "6001", "FTDI", "FT232R USB UART"], None),
            (["1a86", "7523", "", "USB Serial"], None),
            (["067b", "2303", "Prolific Technology Inc.", "USB-Serial Controller"], None),
        ]
        .into_iter()
        .enumerate()
        {
            let name = format!("ttyUSB{number}");
            fs::create_dir_all(root.join("dev")).unwrap();
            fs::write(root.join("dev").join(&name), "").unwrap();
            plug(&root.join("sys"), &name, device);
            assert_eq!(kind(&root.join("sys"), &root.join("dev").join(&name)), expected, "{device:?}");
        }
        assert_eq!(kind(&root.join("sys"), Path::new("/dev/null")), None);
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn ids_and_names_are_written_as_they_are_compared() {
        assert!(IDS.iter().all(|(vendor, _, _)| vendor.len() == 4 && *vendor == vendor.to_lowercase()));
        assert!(NAMES.iter().all(|(part, _)| *part == part.to_lowercase()));
    }
}
