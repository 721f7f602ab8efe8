export { alertmanagerConfig } from './alerting/alertmanager-config.ts'
export { type PrometheusPlan, prometheusConfig, type ScrapeTarget } from './alerting/prometheus-config.ts'
export { receiversOf, silenceOf } from './alerting/severity-routes.ts'
export {
  type ObservationQueries,
  type ObservedQuery,
  observationQueries,
} from './autoscale/observation-queries.ts'
export { type ScaledModel, type ScalerPlan, scalerName, scalerPlanOf } from './autoscale/scaler-plan.ts'
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
export { deployInvalid, deployOverlayUnknown } from './deployment/errors.ts'
export { type PlanOptions, planDeployment, planToWatch } from './deployment/plan-deployment.ts'
export type { DeploymentFacts } from './deployment/plan-facts.ts'
export { type ComposeOptions, composeFile } from './images/compose-file.ts'
export { type DockerfileOptions, dockerfile } from './images/dockerfile.ts'
export type { Issue, LintContext, LintFinding, LintObject, LintRule } from './lint/finding.ts'
export { harmCatalogue, harmRules } from './lint/harm/rules.ts'
export { type LintOptions, lintManifests } from './lint/lint-manifests.ts'
export { type ReadManifests, readManifests } from './lint/read/read-manifests.ts'
export { rejectionCatalogue } from './lint/reject/catalogue.ts'
export { rejectionRules } from './lint/reject/rules.ts'
export type { RuleFacts } from './lint/rule-facts.ts'
export { type LocalPlace, type LocalStack, localDeployment, localStack } from './local-stack/local-stack.ts'
export { missingMetrics } from './local-stack/missing-metrics.ts'
export { monitoringFiles } from './local-stack/monitoring-files.ts'
export type { Manifest, RenderedFile } from './manifest.ts'
export type { Extras, ExtrasOf } from './manifests/extras.ts'
export { manifestsOf } from './manifests/manifest-files.ts'
export { renderKubernetes } from './manifests/render-kubernetes.ts'
export { toYaml } from './manifests/to-yaml.ts'
export { checkPromql } from './promql/check-promql.ts'
export { metricNamesOf } from './promql/metric-names.ts'
export type { PromqlIssue } from './promql/parse-promql.ts'
export { readQuantity } from './quantity.ts'
export type { GpuRoom } from './rollout/capacity/cluster-room.ts'
export { amountOfGpus } from './rollout/capacity/pod-needs.ts'
export { chooseRollback, lastRolledOut, type Rollback } from './rollout/choose-rollback.ts'
export { revisionIncomplete } from './rollout/errors.ts'
export {
  type Condition,
  type ContainerStatus,
  type KubeEvent,
  type KubeNode,
  type KubeObject,
  type KubePod,
  type KubeQuota,
  type KubeWorkload,
  objectKey,
  objectName,
  type PodTemplate,
  podTemplatesOf,
} from './rollout/kube-objects.ts'
export { type FieldChange, rolloutAnnotation } from './rollout/plan/field-changes.ts'
export { isAppliedBy, ownedFields } from './rollout/plan/owned-fields.ts'
export { planRollout } from './rollout/plan/plan-rollout.ts'
export type {
  ClusterState,
  ObjectPlan,
  RolloutInput,
  RolloutPlan,
  WorkloadPlan,
} from './rollout/plan/rollout-plan.ts'
export type { RolloutStrategy } from './rollout/plan/rollout-strategy.ts'
export { scalerOf } from './rollout/plan/rollout-warnings.ts'
export { isPodOf } from './rollout/plan/workload-pods.ts'
export { revisionOf } from './rollout/progress/revisions.ts'
export { rolloutBudget, standingBudget } from './rollout/progress/rollout-budget.ts'
export {
  type RolloutProgress,
  type RolloutSight,
  type RolloutWatch,
  watchRollout,
} from './rollout/progress/rollout-progress.ts'
export type { Trouble } from './rollout/progress/trouble.ts'
export { checkMetricNames, type MissingName } from './rules/check-metric-names.ts'
export { exportedMetrics } from './rules/exported-metrics.ts'
export type { KnownMetric, PinnedMetrics } from './rules/pinned/known-metric.ts'
export { recordedMetrics, scrapeMetrics } from './rules/pinned/ours.ts'
export { pinnedMetrics } from './rules/pinned/pinned-metrics.ts'
export {
  type AlertRule,
  isAlert,
  type RecordingRule,
  type Rule,
  type RuleGroup,
  type RuleGroups,
  ruleFile,
} from './rules/rule-groups.ts'
export { type RuleTestsOptions, ruleTestsOf } from './rules/rule-tests.ts'
export { rulesOf } from './rules/rules-of.ts'
export type { Runbook } from './rules/runbooks/runbook.ts'
export { allRunbooks, runbooks } from './rules/runbooks/runbooks.ts'
export { type Decided, decideScale } from './scaling/decide-scale.ts'
export type { ScaleAction, ScaleDecision, ScaleReason, ScalingState, SignalView } from './scaling/decision.ts'
export { forecastLoad, type LoadHistory } from './scaling/forecast-load.ts'
export type { Forecast, Observation, Reading } from './scaling/observation.ts'
export { scaleRecordingEmpty } from './scaling/replay/errors.ts'
export type { FleetModel } from './scaling/replay/fleet-model.ts'
export { hadalScaler } from './scaling/replay/hadal-scaler.ts'
export { type HpaSettings, hpaScaler } from './scaling/replay/hpa-scaler.ts'
export { type KedaSettings, kedaScaler } from './scaling/replay/keda-scaler.ts'
export { recordedServiceP99, recordedWorkload } from './scaling/replay/recorded-workload.ts'
export {
  type LoadRecording,
  type RecordedValues,
  readRecording,
  recordingFormat,
} from './scaling/replay/recording.ts'
export { renderedHpa, renderedKeda } from './scaling/replay/rendered-autoscaler.ts'
export type { Replay, ReplayChange, ReplayColumns, ReplaySummary } from './scaling/replay/replay.ts'
export { type ReplayOptions, replayScaling } from './scaling/replay/replay-scaling.ts'
export { fixedScaler, type Scaler, type ScalerMaker, type ScalerMove } from './scaling/replay/scaler.ts'
export type { Sight, Workload } from './scaling/replay/workload.ts'
export { type ScalingPolicy, scalingPolicyOf } from './scaling/scaling-policy.ts'
export { type DayName, dayShapes } from './scaling/synthetic/day-shapes.ts'
export { type SyntheticOptions, syntheticDay } from './scaling/synthetic/synthetic-day.ts'
export { planTraining, type TrainingRequest, type TrainingSurroundings } from './training/plan-training.ts'
export { trainingManifests } from './training/training-manifests.ts'
export type { RecipeFile, RecipeSource, TrainingForm, TrainingPlan } from './training/training-plan.ts'
