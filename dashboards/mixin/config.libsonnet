// What an installation may want to change.
{
  _config+:: {
    // Selects the exporter's own series, such as up.
    selector: 'job="han"',
    // Limit: one frame in twenty.
    damagedShare: 0.05,
    // Limit: 230 V plus and minus a tenth, as the mean of ten minutes (EN 50160).
    lowVolts: 207,
    highVolts: 253,
    // Below this there is no phase: a three-wire meter measures no voltage on L2, and some send 0 there.
    phaseVolts: 50,
  },
}
