export { alertmanagerConfig } from './alerting/alertmanager-config.ts'
export { type PrometheusPlan, prometheusConfig, type ScrapeTarget } from './alerting/prometheus-config.ts'
export { nobody, receiversOf, type Severity, silenceOf } from './alerting/severity-routes.ts'
export {
  type Dashboard,
  dashboardQueries,
  dashboardsOf,
} from './dashboards/dashboards-of.ts'
export type {
  Deployment,
  EnginePlan,
  GatewayPlan,
  ModelPlan,
  OverlayPlan,
  PodTimes,
  Reason,
  Resources,
  SecretVariable,
} from './deployment/deployment.ts'
export type { Fault, LintContext, LintFinding, LintObject, LintRule } from './lint/finding.ts'
export type { Manifest, RenderedFile } from './manifest.ts'
export { checkPromql, promqlType } from './promql/check-promql.ts'
export type { PromqlType } from './promql/functions.ts'
export { metricNamesOf } from './promql/metric-names.ts'
export type { PromqlFault } from './promql/parse-promql.ts'
