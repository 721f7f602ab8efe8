export { awaitStanding } from './await-standing.ts'
export { execute, pruneObjects } from './execute.ts'
export { confirm } from './confirm.ts'
export { deploymentFiles, deploymentManifests } from './deployment/deployment-files.ts'
export { deployFolderTaken, deployFolderUnwritable } from './deployment/errors.ts'
export { countsText, findingsText, type Severity, severities } from './deployment/lint/findings-text.ts'
export { type Input, type ManifestFiles, readManifestFiles } from './deployment/lint/read-manifest-files.ts'
export { sarifOf } from './deployment/lint/sarif.ts'
export { type DeploymentFlags, loadDeployment, loadWatched } from './deployment/load-deployment.ts'
export {
  listName,
  readRenderedFolder,
  type Written,
  writeRenderedFolder,
} from './deployment/rendered-folder.ts'
export { rolloutNotFound } from './errors.ts'
export { fieldChangeLines } from './field-change-lines.ts'
export { finishRollout } from './finish-rollout.ts'
export { type Kube, kubeOf, kubeRefusal } from './kube.ts'
export { fieldManager, type KubeClient } from './kube-client.ts'
export { type ConnectionFlags, connect, type KubeConnection } from './kube-connection.ts'
export { askKube } from './kube-request.ts'
export { makePlan, type PlanChoices } from './make-plan.ts'
export { openCluster } from './open-cluster.ts'
export { planJson, planText } from './plan-text.ts'
export { whereAllowed } from './read-cluster.ts'
export {
  type ScaleTarget,
  scaleManager,
  scaleTarget,
  type TargetRef,
  type TargetState,
} from './scale-target.ts'
export { shortTime } from './short-time.ts'
export { isReady, statusOf, type WorkloadStatus } from './status-of.ts'
export { statusText } from './status-text.ts'
export { isPassing } from './wait-for-rollout.ts'
export { type ClusterFlags, listOwn, type WantedManifests, wantedManifests } from './wanted-manifests.ts'
