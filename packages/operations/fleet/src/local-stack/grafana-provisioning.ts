/** Grafana provisioning: the Prometheus data source and the dashboard folder. */

import { stringify } from 'yaml'
import type { RenderedFile } from '../manifest.ts'

/** `dashboards` is a folder as Grafana sees it. `GF_PATHS_PROVISIONING` names the folder of these files. */
export function grafanaProvisioning(
  name: string,
  prometheusUrl: string,
  dashboards: string,
): readonly RenderedFile[] {
  const source = {
    apiVersion: 1,
    datasources: [
      { name: 'Prometheus', type: 'prometheus', access: 'proxy', url: prometheusUrl, isDefault: true },
    ],
  }
  const provider = {
    apiVersion: 1,
    providers: [{ name, type: 'file', allowUiUpdates: true, options: { path: dashboards } }],
  }
  return [
    { path: 'grafana/datasources/prometheus.yml', text: stringify(source) },
    { path: `grafana/dashboards/${name}.yml`, text: stringify(provider) },
  ]
}
