// Alerts. Whoever is woken by one reads its description: it says where, what, and what to do next.
local alert(name, severity, wait, expr, summary, description) = {
  alert: name,
  expr: expr,
  'for': wait,
  labels: { severity: severity },
  annotations: { summary: summary, description: description },
};

// Why the exporter says that a meter is in trouble; without the label meter where there is only one.
local reasons = '{{ range printf "han_trouble{instance=%q, meter=%q}" $labels.instance $labels.meter | query }}{{ .Labels.reason }}{{ end }}';
local ofMeter = '{{ if $labels.meter }} of the meter {{ $labels.meter }}{{ end }}';

{
  local config = $._config,

  prometheusAlerts+:: {
    groups+: [
      {
        name: 'han-alerts',
        rules: [
          alert(
            'HanExporterSilent',
            'critical',
            '5m',
            'up{%s} == 0' % config.selector,
            'The exporter does not answer.',
            '{{ $labels.instance }} has not answered for five minutes. On its machine: systemctl status han-exporter.'
          ),
          alert(
            'HanExporterAbsent',
            'critical',
            '15m',
            'absent(up{%s})' % config.selector,
            'No exporter is scraped.',
            'The job han has no target. Check scrape_configs in prometheus.yml.'
          ) { comment:: 'Fires when the job was renamed or the target removed.' },
          alert(
            'HanMeterSilent',
            'critical',
            '5m',
            'han_up == 0',
            'The meter is silent.',
            '{{ $labels.instance }} has had no valid frame' + ofMeter + ' for five minutes. /-/ready of the exporter says why.'
          ),
          alert(
            'HanTrouble',
            'warning',
            '5m',
            // The reason may change meanwhile.
            |||
              count without (reason) (han_trouble)
                unless ignoring (alertname, alertstate, severity) ALERTS{alertname="HanMeterSilent", alertstate="firing"}
            |||,
            'The meter is not read as it should be.',
            '{{ $labels.instance }} has reported a trouble' + ofMeter + ' for five minutes: ' + reasons + '. /-/ready, the page and the log of the exporter say in one sentence what is wrong and what to do.'
          ) { comment:: 'Every reason of han_trouble. A silent meter has an alert of its own.' },
          alert(
            'HanFramesDamaged',
            'warning',
            '15m',
            'meter:han_frame_errors:ratio_rate15m > %g' % config.damagedShare,
            'Frames arrive damaged.',
            '{{ $value | humanizePercentage }} of the frames at {{ $labels.instance }}{{ if $labels.meter }}, meter {{ $labels.meter }},{{ end }} are damaged. Try another cable or adapter; han-exporter doctor helps.'
          ) { comment:: 'Limit: one frame in twenty.' },
          alert(
            'HanVoltageOutsideLimits',
            'warning',
            '10m',
            |||
              avg_over_time(han_voltage_volts[10m]) > %(highVolts)g
                or (avg_over_time(han_voltage_volts[10m]) < %(lowVolts)g and avg_over_time(han_voltage_volts[10m]) > %(phaseVolts)g)
            ||| % config,
            'The voltage is outside its limits.',
            '{{ $labels.phase }} of {{ $labels.instance }} has {{ printf "%%.1f" $value }} V. It should be %(lowVolts)g V to %(highVolts)g V: tell the grid operator.' % config
          ) {
            comment:: |||
              Limit: 230 V plus or minus a tenth, as the mean of ten minutes (EN 50160). Below 50 V there is no phase:
              a three-wire meter measures no voltage on L2, and some send 0 there.
            |||,
          },
          alert(
            'HanConfigurationRefused',
            'warning',
            '5m',
            'han_exporter_config_last_reload_successful == 0',
            'The configuration is not valid.',
            '{{ $labels.instance }} keeps the previous configuration. Its log says what is wrong.'
          ),
        ],
      },
    ],
  },
}
