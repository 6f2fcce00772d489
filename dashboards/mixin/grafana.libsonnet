// Panels as Grafana reads them.
local datasource = { type: 'prometheus', uid: '${datasource}' };

local panel(type, title, description, width, height, targets) =
  local refId(index) = std.char(std.codepoint('A') + index);
  {
    type: type,
    title: title,
    [if description != '' then 'description']: description,
    datasource: datasource,
    gridPos: { w: width, h: height },
    fieldConfig: {
      defaults: { color: { mode: 'palette-classic' } },
      overrides: [
        { matcher: { id: 'byFrameRefID', options: refId(index) }, properties: targets[index].properties }
        for index in std.range(0, std.length(targets) - 1)
        if std.objectHasAll(targets[index], 'properties')
      ],
    },
    options: {},
    targets: std.mapWithIndex(function(index, target) { datasource: datasource, editorMode: 'code', refId: refId(index) } + target, targets),
  };

{
  datasource:: datasource,

  // What a graph asks, and what a panel asks that shows one moment.
  range(expr, legend):: { expr: expr, legendFormat: legend, range: true, instant: false },
  instant(expr, legend):: { expr: expr, legendFormat: legend, range: false, instant: true },

  // How the answers to one query are shown.
  unit(unit):: { properties+:: [{ id: 'unit', value: unit }] },
  decimals(count):: { properties+:: [{ id: 'decimals', value: count }] },
  // One bar for each step, which ends at it.
  bars(step):: {
    interval: step,
    properties+:: [
      { id: 'custom.drawStyle', value: 'bars' },
      { id: 'custom.fillOpacity', value: 60 },
      { id: 'custom.barAlignment', value: -1 },
    ],
  },
  // Red lines at the limits.
  limits(low, high):: {
    properties+:: [
      { id: 'custom.thresholdsStyle', value: { mode: 'line' } },
      {
        id: 'thresholds',
        value: {
          mode: 'absolute',
          steps: [{ color: 'red', value: null }, { color: 'transparent', value: low }, { color: 'red', value: high }],
        },
      },
    ],
  },

  row(title):: { type: 'row', title: title, collapsed: false, gridPos: { w: 24, h: 1 }, panels: [] },

  stat(title, description, width, targets):: panel('stat', title, description, width, 5, targets) {
    options: {
      colorMode: 'value',
      graphMode: 'none',
      justifyMode: 'auto',
      orientation: 'auto',
      textMode: 'auto',
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
    },
  },

  graph(title, description, width, targets):: panel('timeseries', title, description, width, 8, targets) {
    fieldConfig+: {
      defaults+: {
        custom: { drawStyle: 'line', lineWidth: 1, fillOpacity: 10, showPoints: 'never', spanNulls: false },
      },
    },
    options: {
      legend: { displayMode: 'list', placement: 'bottom', showLegend: true },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
  },

  table(title, description, width, expr, hidden):: panel('table', title, description, width, 8, [$.instant(expr, '') { format: 'table' }]) {
    options: { showHeader: true },
    transformations: [{
      id: 'organize',
      options: { excludeByName: { [name]: true for name in hidden }, indexByName: {}, renameByName: {} },
    }],
  },

  // Panels from left to right, in a new line where one does not fit; numbered from 1.
  placed(panels)::
    local add(line, panel) =
      local fits = line.x + panel.gridPos.w <= 24;
      local place = if fits then { x: line.x, y: line.y } else { x: 0, y: line.y + line.height };
      {
        x: place.x + panel.gridPos.w,
        y: place.y,
        height: std.max(if fits then line.height else 0, panel.gridPos.h),
        panels: line.panels + [panel { id: std.length(line.panels) + 1, gridPos+: place }],
      };
    std.foldl(add, panels, { x: 0, y: 0, height: 0, panels: [] }).panels,

  // A variable that is asked from Prometheus.
  variable(name, label, query):: {
    name: name,
    label: label,
    type: 'query',
    datasource: datasource,
    definition: query,
    query: { query: query, refId: 'variable-' + name },
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    allValue: '.*',
    current: { selected: true, text: ['All'], value: ['$__all'] },
    options: [],
    regex: '',
    skipUrlSync: false,
    hide: 0,
  },
}
