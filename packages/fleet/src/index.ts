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
