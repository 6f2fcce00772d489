//! The meters of docs/meters.md. A new meter is one line here and its captures in `fixtures/`.

/// Meters that work, and the captures that prove it.
pub struct Meters {
    pub manufacturer: &'static str,
    pub models: &'static str,
    pub country: &'static str,
    /// Usual serial settings; the exporter detects them anyway.
    pub serial: &'static str,
    pub sends: &'static str,
    pub fixtures: &'static [&'static str],
}

/// The manufacturer of meters that several make in the same format.
pub const SEVERAL: &str = "several";

#[rustfmt::skip]
pub const METERS: &[Meters] = &[
    Meters { manufacturer: "Kaifa", models: "MA105H2, MA304H3, MA304H4, MA304T4", country: "Norway", serial: "2400 8E1", sends: "power every 2 s, voltage and current every 10 s, energy every hour", fixtures: &["kaifa/list-1", "kaifa/list-2", "kaifa/list-2-single", "kaifa/list-2-it", "kaifa/list-3", "kaifa/list-3-single", "kaifa/list-3-ct"] },
    Meters { manufacturer: "Kaifa", models: "MA105H2E, MA304H4D", country: "Sweden", serial: "detected", sends: "everything, about every 15 s", fixtures: &["kaifa/sweden-14", "kaifa/sweden-18"] },
    Meters { manufacturer: "Kaifa", models: "MA304H4 that sends OBIS codes", country: "Sweden", serial: "detected", sends: "everything, about every 15 s", fixtures: &["kaifa/sweden-pairs"] },
    Meters { manufacturer: "Kaifa", models: "MA309M, encrypted, M-Bus", country: "Austria, Poland", serial: "2400 8E1", sends: "as the grid operator sets it", fixtures: &["kaifa/austria-mbus", "kaifa/austria-records", "kaifa/poland-mbus"] },
    Meters { manufacturer: "Sagemcom", models: "T210-D, encrypted, M-Bus", country: "Austria", serial: "2400 8E1", sends: "as the grid operator sets it", fixtures: &["sagemcom/t210-mbus", "sagemcom/t210-mbus-tag"] },
    Meters { manufacturer: "Kamstrup", models: "Omnipower", country: "Norway", serial: "2400 8N1", sends: "power, voltage and current every 10 s, energy every hour", fixtures: &["kamstrup/list-1", "kamstrup/list-1-single", "kamstrup/list-1-ct", "kamstrup/hour", "kamstrup/hour-single"] },
    Meters { manufacturer: "Kamstrup", models: "Omnipower", country: "Sweden", serial: "2400 8N1", sends: "power, voltage and current every 10 s, energy every hour", fixtures: &["kamstrup/sweden", "kamstrup/sweden-hour"] },
    Meters { manufacturer: "Kamstrup", models: "Omnipower, encrypted or not", country: "Denmark, Switzerland", serial: "2400 8N1", sends: "power, voltage and current every 10 s, energy with them or every hour", fixtures: &["kamstrup/denmark", "kamstrup/denmark-centivolt", "kamstrup/push-1", "kamstrup/push-1-single", "kamstrup/push-1-ct", "kamstrup/push-1-ciphered"] },
    Meters { manufacturer: "Aidon", models: "6515, 6525, 6534 and similar", country: "Norway", serial: "2400 8E1 or 8N1", sends: "power every 2.5 s, voltage and current every 10 s, energy every hour", fixtures: &["aidon/list-1", "aidon/list-2", "aidon/list-2-single", "aidon/list-2-it", "aidon/list-3", "aidon/list-3-it"] },
    Meters { manufacturer: "Aidon", models: "with an RJ12 port that sends HDLC", country: "Sweden", serial: "115200 8N1", sends: "everything every 10 s", fixtures: &["aidon/sweden"] },
    Meters { manufacturer: "Landis+Gyr", models: "E350", country: "Norway", serial: "2400, parity detected", sends: "power often, voltage and current less often", fixtures: &["landis-gyr/e350-list-1", "landis-gyr/e350-list-2"] },
    Meters { manufacturer: "Landis+Gyr", models: "E450, encrypted or not", country: "Switzerland, Austria", serial: "2400 8E1", sends: "as the grid operator sets it", fixtures: &["landis-gyr/e450-blocks", "landis-gyr/e450-blocks-14", "landis-gyr/e450-blocks-17", "landis-gyr/e450-blocks-pairs", "landis-gyr/e450-no-voltage", "landis-gyr/burgenland", "landis-gyr/kng"] },
    Meters { manufacturer: "Landis+Gyr", models: "E360", country: "Switzerland", serial: "9600 8N1", sends: "as the grid operator sets it", fixtures: &["landis-gyr/e360-described"] },
    Meters { manufacturer: "Landis+Gyr", models: "E570, encrypted or not", country: "Switzerland", serial: "2400 8E1", sends: "as the grid operator sets it", fixtures: &["landis-gyr/e570-blocks", "landis-gyr/e570-blocks-ciphered"] },
    Meters { manufacturer: "Iskraemeco", models: "AM550, encrypted or not", country: "Switzerland", serial: "115200 8N1", sends: "as the grid operator sets it", fixtures: &["iskraemeco/am550-records", "iskraemeco/described-14", "iskraemeco/described-28", "iskraemeco/described-14-ciphered"] },
    Meters { manufacturer: "Iskraemeco", models: "AM550, encrypted or not", country: "Slovenia", serial: "115200 or 38400 8N1", sends: "as the grid operator sets it", fixtures: &["iskraemeco/slovenia-18", "iskraemeco/slovenia-18-ciphered", "iskraemeco/slovenia-12", "iskraemeco/slovenia-12-energy", "iskraemeco/slovenia-12-switch", "iskraemeco/slovenia-10", "iskraemeco/slovenia-9", "iskraemeco/slovenia-9-tariffs", "iskraemeco/slovenia-4"] },
    Meters { manufacturer: "Iskraemeco", models: "IE.5", country: "Croatia", serial: "detected", sends: "every 30 s", fixtures: &["iskraemeco/croatia-33"] },
    Meters { manufacturer: SEVERAL, models: "Landis+Gyr E450, Siemens IM350 and similar, Iskraemeco AM550, encrypted", country: "Austria (Wiener Netze)", serial: "optical port, 9600 8N1", sends: "power and energy, reactive too, every second", fixtures: &["landis-gyr/vienna", "siemens/im350-vienna", "iskraemeco/vienna"] },
    Meters { manufacturer: "Iskraemeco", models: "AM550, encrypted", country: "Austria (Kelag)", serial: "detected", sends: "as the grid operator sets it", fixtures: &["iskraemeco/kelag"] },
    Meters { manufacturer: "Kamstrup", models: "685-382", country: "Denmark", serial: "optical port, 1200 8E2", sends: "polled: `protocol=kmp382`", fixtures: &["kamstrup/685-identity", "kamstrup/685-registers", "kamstrup/685-tariffs"] },
    Meters { manufacturer: "Kamstrup", models: "382J, 382L", country: "Denmark", serial: "optical port, 9600 8N1", sends: "polled: `protocol=kmp`", fixtures: &["kamstrup/kmp-type", "kamstrup/kmp-number", "kamstrup/kmp-electricity"] },
    Meters { manufacturer: "Kamstrup", models: "MULTICAL 302, 402, 403, 601, 602, 603 (heat)", country: "any", serial: "optical port, 1200 8N2", sends: "polled: `protocol=kmp`", fixtures: &["kamstrup/kmp-heat"] },
    Meters { manufacturer: SEVERAL, models: "DSMR 2.2, 3.0, 4 and 5 of any manufacturer", country: "Netherlands", serial: "115200 8N1, before DSMR 4 9600 7E1", sends: "everything every second, before DSMR 5 every 10 s; gas, water and heat as their meters send", fixtures: &["netherlands/dsmr-2", "netherlands/dsmr-2-parity", "netherlands/dsmr-3", "netherlands/dsmr-4", "netherlands/dsmr-4-no-check", "netherlands/dsmr-5", "netherlands/dsmr-5-two-gas", "netherlands/heat"] },
    Meters { manufacturer: SEVERAL, models: "Fluvius", country: "Belgium", serial: "115200 8N1", sends: "everything every second, with the highest demand of the month", fixtures: &["belgium/fluvius", "belgium/fluvius-unset"] },
    Meters { manufacturer: SEVERAL, models: "Smarty", country: "Luxembourg", serial: "115200 8N1", sends: "everything every 10 s, encrypted", fixtures: &["luxembourg/smarty", "luxembourg/smarty-ciphered"] },
    Meters { manufacturer: SEVERAL, models: "Sagemcom T210-D-r", country: "Austria (Steiermark)", serial: "115200 8N1", sends: "power and energy every 10 s, encrypted with two keys", fixtures: &["austria/steiermark", "austria/steiermark-ciphered", "austria/steiermark-no-tag"] },
    Meters { manufacturer: SEVERAL, models: "P1 ports of E.ON, ESO", country: "Hungary, Lithuania", serial: "115200 8N1", sends: "everything every 10 s", fixtures: &["hungary/eon", "lithuania/eso"] },
    Meters { manufacturer: SEVERAL, models: "H1 ports of Aidon, Iskraemeco, Kamstrup, Landis+Gyr E360, Sagemcom, NES", country: "Sweden, Finland, Denmark", serial: "115200 8N1, NES 8E1", sends: "everything every 10 s", fixtures: &["aidon/h1", "iskraemeco/m550t-sweden", "kamstrup/h1", "landis-gyr/e360-p1", "sagemcom/sweden-ellevio", "nes/denmark"] },
    Meters { manufacturer: "Iskraemeco", models: "AM550, IE.5 with a P1 port", country: "Slovenia, Iceland and others", serial: "115200 7N1 or 8N1", sends: "as the grid operator sets it", fixtures: &["iskraemeco/am550-slovenia", "iskraemeco/ie5-p1", "iskraemeco/ie5-p1-padded", "iskraemeco/ie5-iceland"] },
    Meters { manufacturer: "EasyMeter", models: "Q3D", country: "Germany", serial: "9600 7E1", sends: "power and energy every 2 s", fixtures: &["easymeter/q3d", "easymeter/q3d-one-way", "easymeter/q3d-older"] },
    Meters { manufacturer: SEVERAL, models: "eHZ of EMH and Hager that send text", country: "Germany", serial: "9600 7E1", sends: "energy every 2 s", fixtures: &["emh/ehz", "hager/ehz"] },
    Meters { manufacturer: "Kamstrup", models: "685-382, 684-38, readout", country: "any", serial: "optical port, 300 7E1", sends: "polled: `protocol=iec`", fixtures: &["kamstrup/685-382", "kamstrup/684-38"] },
    Meters { manufacturer: SEVERAL, models: "any with an IEC 62056-21 readout: MT174, EM214, ZMD120, ZMF100 and similar", country: "any", serial: "optical port, 300 7E1 and faster", sends: "polled: `protocol=iec`", fixtures: &["iskraemeco/mt174", "itron/em214", "landis-gyr/zmd120-readout", "landis-gyr/zmf100-readout"] },
    Meters { manufacturer: SEVERAL, models: "heat meters with a readout: 2WR5, MULTICAL 41", country: "any", serial: "optical port, 300 7E1 and faster", sends: "polled: `protocol=iec`", fixtures: &["siemens/2wr5", "kamstrup/multical-41"] },
    Meters { manufacturer: "EMH", models: "eHZ, mME40", country: "Germany", serial: "9600 8N1", sends: "everything every few seconds", fixtures: &["emh/ehz-edl", "emh/ehz-gw", "emh/mme40"] },
    Meters { manufacturer: "DZG", models: "DVS74, DWS7412, DWSB20", country: "Germany", serial: "9600 8N1", sends: "everything every few seconds", fixtures: &["dzg/dvs74", "dzg/dvs74-far", "dzg/dvs74-export", "dzg/dws7412", "dzg/dwsb20"] },
    Meters { manufacturer: "Holley", models: "DTZ541", country: "Germany", serial: "9600 8N1", sends: "everything every few seconds", fixtures: &["holley/dtz541", "holley/dtz541-kermit"] },
    Meters { manufacturer: "Iskraemeco", models: "MT175, MT691", country: "Germany", serial: "9600 8N1", sends: "everything every few seconds", fixtures: &["iskraemeco/mt175", "iskraemeco/mt691"] },
    Meters { manufacturer: "Itron", models: "OpenWay 3.HZ", country: "Germany", serial: "9600 8N1", sends: "everything every few seconds", fixtures: &["itron/openway"] },
    Meters { manufacturer: "eBZ", models: "DD3", country: "Germany", serial: "9600 8N1", sends: "everything every few seconds", fixtures: &["ebz/dd3"] },
    Meters { manufacturer: "EasyMeter", models: "Q3A", country: "Germany", serial: "9600 8N1", sends: "everything every few seconds", fixtures: &["easymeter/q3a"] },
    Meters { manufacturer: "Hager", models: "eHZ361", country: "Germany", serial: "9600 8N1", sends: "everything every few seconds", fixtures: &["hager/ehz361"] },
    Meters { manufacturer: "Dr. Neuhaus", models: "SMARTY ix-130", country: "Germany", serial: "9600 8N1", sends: "everything every few seconds", fixtures: &["dr-neuhaus/smarty"] },
    Meters { manufacturer: "any other", models: "that pushes HDLC frames with OBIS codes in the message", country: "any", serial: "detected", sends: "as the meter sends", fixtures: &["other/records-unseen", "other/pairs-unseen", "other/described-unseen"] },
    Meters { manufacturer: "any other", models: "that pushes the same in M-Bus frames", country: "any", serial: "2400 8E1", sends: "as the meter sends", fixtures: &["sagemcom/t210-mbus-plain"] },
    Meters { manufacturer: "any other", models: "that pushes telegrams with OBIS codes", country: "any", serial: "detected", sends: "as the meter sends", fixtures: &["other/p1-unseen"] },
    Meters { manufacturer: "any other", models: "that pushes SML", country: "Germany", serial: "9600 8N1", sends: "as the meter sends", fixtures: &["froetec/zg22", "other/sml-unseen"] },
];
