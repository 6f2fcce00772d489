// A monitoring mixin (https://monitoring.mixins.dev): dashboard, recording rules and alerts as data.
//
// dashboards/make writes ../han-exporter.json and ../rules.yml from it. To change a limit, import it and replace it:
//
//   (import 'mixin.libsonnet') { _config+:: { damagedShare: 0.1 } }
(import 'config.libsonnet') +
(import 'rules.libsonnet') +
(import 'alerts.libsonnet') +
(import 'dashboard.libsonnet')
