// Recording rules.
local kilo(counter, range) = 'increase(%s[%s]) / 3.6e6' % [counter, range];
local increase(name, counter, range) = {
  record: 'meter:han_%s:increase%s' % [name, range],
  expr: kilo('han_%s_total' % counter, range),
};

{
  prometheusRules+:: {
    groups+: [
      {
        name: 'han-energy',
        comment:: 'Prometheus counts energy in joules, people in kWh. Most meters send counters once an hour: use a range of at least that.',
        rules: [
          increase('active_energy_import_kwh', 'active_energy_import_joules', '1h'),
          increase('active_energy_export_kwh', 'active_energy_export_joules', '1h'),
          increase('reactive_energy_import_kvarh', 'reactive_energy_import_var_seconds', '1h'),
          increase('reactive_energy_export_kvarh', 'reactive_energy_export_var_seconds', '1h'),
          increase('active_energy_import_kwh', 'active_energy_import_joules', '1d'),
          increase('active_energy_export_kwh', 'active_energy_export_joules', '1d'),
        ],
      },
      {
        name: 'han-power',
        rules: [
          {
            comment:: 'Negative while power is exported. A meter that never exports does not send that side; one that did within a day does.',
            record: 'meter:han_active_power_net_watts',
            expr: |||
              han_active_power_import_watts - han_active_power_export_watts
                or han_active_power_import_watts unless last_over_time(han_active_power_export_watts[1d])
            |||,
          },
          {
            record: 'meter:han_active_power_import_watts:avg1h',
            expr: 'avg_over_time(han_active_power_import_watts[1h])',
          },
          {
            comment:: 'A valid frame that cannot be decoded is not damage.',
            record: 'meter:han_frame_errors:ratio_rate15m',
            expr: |||
              sum without (reason) (rate(han_frame_errors_total{reason=~"length|address|header_check|frame_check|flag|cut|parity|segment_lost"}[15m]))
                / rate(han_frames_total[15m])
            |||,
          },
        ],
      },
    ],
  },
}
