// The dashboard.
//
// What a meter may lack is not in panels of its own, which would be empty for other meters: Grafana cannot hide a panel,
// and shows a row or panel that is repeated for each value of a variable once, titled All or None, if there is no value
// (up to version 11; https://github.com/grafana/grafana/issues/10764). So one panel is repeated for everything that the
// meters send, which is never nothing. The hidden variable `shown` asks Prometheus for that. Its values are the middle of
// the metrics' names: of the queries of the panel, those find something that belong to the unit of its value.
local grafana = import 'grafana.libsonnet';
local range = grafana.range, instant = grafana.instant, unit = grafana.unit;

local meters = 'instance=~"$instance", meter=~"$meter"';
local of(metric) = '%s{%s}' % [metric, meters];
local kilo(counter, time) = 'increase(%s[%s]) / 3.6e6' % [of(counter), time];

// A meter that never exports does not send that side.
local net(kind) =
  local imported = of('han_%s_import_watts' % kind), exported = of('han_%s_export_watts' % kind);
  '%(imported)s - %(exported)s or %(imported)s unless last_over_time(%(exported)s[1d])' % { imported: imported, exported: exported };

// Everything that a meter may send or lack: title, middle of the names, their ends.
local shown = [
  ['Trouble', 'trouble', ['']],
  ['Active power', 'active_power', ['import_watts', 'export_watts']],
  ['Active power per phase', 'phase_active_power', ['import_watts', 'export_watts']],
  ['Energy per hour', 'active_energy', ['import_joules_total', 'export_joules_total']],
  ['Energy per hour and tariff', 'tariff_active_energy', ['import_joules_total', 'export_joules_total']],
  ['Active tariff', 'tariff_active', ['']],
  ['Energy per hour and phase', 'phase_active_energy', ['import_joules_total', 'export_joules_total']],
  ['Voltage', 'voltage', ['volts']],
  ['Current', 'current', ['amperes']],
  ['Highest demand of the billing period', 'power_demand_max', ['watts']],
  ['Gas per hour', 'gas', ['cubic_meters_total']],
  ['Water per hour', 'water', ['cubic_meters_total']],
  ['Warm water per hour', 'warm_water', ['cubic_meters_total']],
  ['Heat per hour', 'heat', ['joules_total']],
  ['Cooling per hour', 'cooling', ['joules_total']],
  ['Frequency', 'frequency', ['hertz']],
  ['Reactive power', 'reactive_power', ['import_vars', 'export_vars']],
  ['Reactive power per phase', 'phase_reactive_power', ['import_vars', 'export_vars']],
  ['Reactive energy per hour', 'reactive_energy', ['import_var_seconds_total', 'export_var_seconds_total']],
  ['Apparent power', 'apparent_power', ['import_voltamperes', 'export_voltamperes']],
  ['Power factor', 'power_factor', ['ratio']],
  ['Power factor per phase', 'phase_power_factor', ['ratio']],
  ['Breaker', 'breaker_state', ['']],
  ["Deviation of the meter's clock", 'meter_clock_offset', ['seconds']],
  ['Serial line errors', 'serial_line_errors', ['total']],
];

local names(middle, ends) = std.join('|', ['han_%s%s' % [middle, if end == '' then '' else '_' + end] for end in ends]);
// The result lists them in the order of their numbers.
local question = 'sort(%s)' % std.join(' or ', [
  local title = shown[index][0], middle = shown[index][1], ends = shown[index][2];
  'label_replace(%d * group(last_over_time({__name__=~"%s", %s}[1h])), "shown", "%s=%s", "", "")' % [index + 1, names(middle, ends), meters, title, middle]
  for index in std.range(0, std.length(shown) - 1)
]);

// The queries of the repeated panel. Imported values are above zero, exported ones below.
local middle = 'han_${shown:raw}_';
local legend = '{{meter}} {{phase}}{{tariff}}{{channel}}{{kind}}';
local bothWays(expr, end, style) = [
  range(expr(middle + 'import_' + end), legend + ' imported') + style,
  range('-' + expr(middle + 'export_' + end), legend + ' exported') + style,
];
local perHour(factor) = function(counter) 'increase(%s[1h])%s' % [of(counter), factor];
local questions(config) =
  bothWays(of, 'watts', unit('watt')) +
  [
    range(net('${shown:raw}'), legend + ' net') + unit('watt'),
    range(of(middle + 'watts'), legend) + unit('watt'),
  ] +
  bothWays(of, 'vars', unit('voltampreact')) +
  bothWays(of, 'voltamperes', unit('voltamp')) +
  [
    // A three-wire meter measures no voltage on L2.
    range(of(middle + 'volts') + ' > 0', legend) + unit('volt') + grafana.limits(config.lowVolts, config.highVolts),
    range(of(middle + 'amperes'), legend) + unit('amp'),
    range(of(middle + 'hertz'), legend) + unit('hertz'),
    range(of(middle + 'ratio'), legend) + unit('none'),
    range(of(middle + 'seconds'), legend) + unit('s'),
    range(of('han_${shown:raw}'), legend + '{{state}}{{reason}}') + unit('none'),
  ] +
  bothWays(perHour(' / 3.6e6'), 'joules_total', unit('kwatth') + grafana.bars('1h')) +
  bothWays(perHour(' / 3.6e6'), 'var_seconds_total', unit('kvoltampreacth') + grafana.bars('1h')) +
  [
    range(perHour(' / 3.6e6')(middle + 'joules_total'), legend) + unit('kwatth') + grafana.bars('1h'),
    range(perHour('')(middle + 'cubic_meters_total'), legend) + unit('m3') + grafana.bars('1h'),
    range('increase(%s[$__rate_interval])' % of(middle + 'total'), legend) + unit('short'),
  ];

// What counts, with the unit in which people know it.
local counted(time) = [
  [kilo('han_active_energy_import_joules_total', time), '{{meter}} imported', 'kwatth'],
  [kilo('han_active_energy_export_joules_total', time), '{{meter}} exported', 'kwatth'],
  [kilo('han_heat_joules_total', time), '{{meter}} heat {{channel}}', 'kwatth'],
  [kilo('han_cooling_joules_total', time), '{{meter}} cooling {{channel}}', 'kwatth'],
] + [
  ['increase(%s[%s])' % [of('han_%s_cubic_meters_total' % medium), time], '{{meter}} %s {{channel}}' % std.strReplace(medium, '_', ' '), 'm3']
  for medium in ['gas', 'water', 'warm_water']
];

local now = [
  grafana.stat('Now, and the last day', "Net power is negative while power is exported. Energy, gas, water and heat are those of the last day, from the meter's own counters.", 16, [
    instant(net('active_power'), '{{meter}} net power') + unit('watt'),
  ] + [instant(it[0], it[1]) + unit(it[2]) + grafana.decimals(2) for it in counted('1d')]),
  grafana.stat('Meter', 'Whether a valid frame arrived within the expected interval. If not, /-/ready of the exporter says why.', 4, [instant(of('han_up'), '{{meter}}')]) {
    fieldConfig+: {
      defaults+: {
        color: { mode: 'thresholds' },
        mappings: [{
          type: 'value',
          options: { '0': { text: 'silent', color: 'red', index: 0 }, '1': { text: 'heard', color: 'green', index: 1 } },
        }],
        thresholds: { mode: 'absolute', steps: [{ color: 'red', value: null }, { color: 'green', value: 1 }] },
      },
    },
  },
  grafana.stat('Newest reading', 'Time since the newest message arrived.', 4, [
    instant('time() - max without (list) (%s)' % of('han_last_reading_timestamp_seconds'), '{{meter}}') + unit('s') + grafana.decimals(0),
  ]),
];

local values(config) = [
  grafana.graph('${shown:text}', "Exported values are below zero. An hour is that of the meter's own counter: if the meter sends it once an hour, a bar shows the hour that ended one bar before.", 12, questions(config)) {
    repeat: 'shown',
    repeatDirection: 'h',
    maxPerRow: 2,
  },
];

local counters = [
  grafana.graph('Per day', 'Choose a range of some weeks. A bar shows the day that ends at it.', 12, [range(it[0], it[1]) + unit(it[2]) + grafana.bars('1d') for it in counted('1d')]),
  grafana.table('Meters', 'As the meters report themselves. The id is personal: take care who sees it.', 12, '%s or on (instance, meter) %s' % [of('han_meter_info'), of('han_up')], ['Time', 'Value', '__name__', 'job']),
];

local health = [
  grafana.graph('Frames', 'Frames received, and those that gave no reading, by reason.', 8, [
    range('rate(%s[$__rate_interval])' % of('han_frames_total'), '{{meter}} met') + unit('cps'),
    range('rate(%s[$__rate_interval]) > 0' % of('han_frame_errors_total'), '{{meter}} {{reason}}') + unit('cps'),
  ]),
  grafana.graph('Age of messages', '', 8, [range('time() - ' + of('han_last_reading_timestamp_seconds'), '{{meter}} {{list}}') + unit('s')]),
  grafana.graph('Bytes', '', 8, [
    range('rate(%s[$__rate_interval])' % of('han_serial_receive_bytes_total'), '{{meter}} received') + unit('Bps'),
    range('rate(%s[$__rate_interval])' % of('han_serial_discarded_bytes_total'), '{{meter}} of no frame') + unit('Bps'),
  ]),
  grafana.graph('Adapter', '', 6, [
    range(of('han_serial_connected'), '{{meter}} open') + unit('short'),
    range('increase(%s[$__rate_interval])' % of('han_serial_opens_total'), '{{meter}} opened') + unit('short'),
    range('increase(%s[$__rate_interval])' % of('han_serial_open_errors_total'), '{{meter}} failed to open') + unit('short'),
  ]),
  grafana.graph('Exporter: processor', '', 6, [
    range('rate(process_cpu_seconds_total{instance=~"$instance"}[$__rate_interval]) and on (instance) han_exporter_build_info', '{{instance}}') + unit('percentunit'),
  ]),
  grafana.graph('Exporter: memory', '', 6, [
    range('process_resident_memory_bytes{instance=~"$instance"} and on (instance) han_exporter_build_info', '{{instance}}') + unit('bytes'),
  ]),
  grafana.graph('Exporter: log', 'Lines logged as warnings and errors.', 6, [
    range('increase(han_exporter_log_messages_total{instance=~"$instance", level=~"warn|error"}[$__rate_interval])', '{{instance}} {{level}}') + unit('short'),
  ]),
];

{
  grafanaDashboards+:: {
    'han-exporter.json': {
      title: 'Smart meters (han-exporter)',
      uid: 'han-exporter',
      description: 'Smart meters read by han-exporter: what they measure, and the health of reading.',
      tags: ['han-exporter', 'electricity'],
      schemaVersion: 38,
      version: 1,
      editable: true,
      graphTooltip: 1,
      fiscalYearStartMonth: 0,
      liveNow: false,
      weekStart: '',
      timezone: 'browser',
      style: 'dark',
      time: { from: 'now-24h', to: 'now' },
      refresh: '30s',
      timepicker: {},
      links: [],
      annotations: { list: [] },
      templating: {
        list: [
          {
            name: 'datasource',
            label: 'Data source',
            type: 'datasource',
            query: 'prometheus',
            regex: '',
            multi: false,
            includeAll: false,
            refresh: 1,
            current: {},
            options: [],
            hide: 0,
            skipUrlSync: false,
          },
          grafana.variable('instance', 'Exporter', 'label_values(han_up, instance)'),
          grafana.variable('meter', 'Meter', 'label_values(han_up{instance=~"$instance"}, meter)'),
          grafana.variable('shown', '', 'query_result(%s)' % question) {
            regex: '/shown="(?<text>[^=]+)=(?<value>[^"]+)"/',
            sort: 0,
            hide: 2,
            // Selects nothing, if there is nothing to select from.
            allValue: 'nothing',
          },
        ],
      },
      panels: grafana.placed(
        [grafana.row('Now')] + now +
        [grafana.row('What the meters send')] + values($._config) +
        [grafana.row('Per day, and the meters themselves')] + counters +
        [grafana.row('Health')] + health
      ),
    },
  },
}
