/** The pods of a training run: one for each machine, in which `hadal train --nproc` starts that machine's ranks. */

import { containerBase, stateFolder as home } from '../manifests/pod.ts'
import { recipeFolder, recipeMap } from './recipe-config-map.ts'
import type { TrainingPlan } from './training-plan.ts'

/** The image's. */
const user = 10_001
/** The claim. Ranks work here, so that a recipe's `runs/NAME` is on it. */
const runFolder = `${home}/run`
export const rendezvousPort = 29_400

export const indexKey = 'batch.kubernetes.io/job-completion-index'

/** Those by which pods are found never change. */
export const podLabels = ({ name }: TrainingPlan): Readonly<Record<string, string>> => ({
  'app.kubernetes.io/name': 'hadal',
  'app.kubernetes.io/instance': name,
  'app.kubernetes.io/component': 'training',
})

export const allLabels = (plan: TrainingPlan): Readonly<Record<string, string>> => ({
  ...podLabels(plan),
  'app.kubernetes.io/version': plan.version,
  'app.kubernetes.io/part-of': plan.partOf,
  'app.kubernetes.io/managed-by': 'hadal',
})

interface PodPlace {
  /** Kubeflow Trainer asks for `node`. */
  readonly container: string
  /** The host name under which the others reach rank 0; undefined when the controller sets it. */
  readonly masterAddr: string | undefined
  /** The headless Service's, which makes host names of pods resolve; undefined where the controller sets it. */
  readonly subdomain: string | undefined
}

export function podTemplate(plan: TrainingPlan, { container, masterAddr, subdomain }: PodPlace): object {
  const { metrics, gpus, imagePullSecret } = plan
  return {
    metadata: { labels: allLabels(plan) },
    spec: {
      ...(subdomain !== undefined && { subdomain }),
      serviceAccountName: plan.name,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      ...(imagePullSecret !== undefined && { imagePullSecrets: [{ name: imagePullSecret }] }),
      // The controller of the ranks restarts pods and counts the restarts.
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: plan.terminationGraceSeconds,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: user,
        runAsGroup: user,
        fsGroup: user,
        fsGroupChangePolicy: 'OnRootMismatch',
        seccompProfile: { type: 'RuntimeDefault' },
      },
      ...(gpus > 0 && gpuPlacement(plan)),
      containers: [
        {
          name: container,
          image: plan.image,
          ...containerBase,
          args: plan.args,
          workingDir: runFolder,
          env: [
            ...(masterAddr === undefined ? [] : rankVariables(plan, masterAddr)),
            { name: 'OMP_NUM_THREADS', value: String(plan.threads) },
          ],
          ports: [
            { name: 'rendezvous', containerPort: rendezvousPort },
            ...(metrics ? [{ name: 'metrics', containerPort: metrics.port }] : []),
          ],
          resources: plan.resources,
          volumeMounts: mounts(plan),
        },
      ],
      volumes: volumes(plan),
    },
  }
}

/** With `--nproc` they say which machine this is, of how many: docs/parallel.md. */
const rankVariables = (plan: TrainingPlan, masterAddr: string): object[] => [
  { name: 'RANK', valueFrom: { fieldRef: { fieldPath: `metadata.annotations['${indexKey}']` } } },
  { name: 'WORLD_SIZE', value: String(plan.nodes) },
  { name: 'LOCAL_RANK', value: '0' },
  { name: 'LOCAL_WORLD_SIZE', value: '1' },
  { name: 'MASTER_ADDR', value: masterAddr },
  { name: 'MASTER_PORT', value: String(rendezvousPort) },
]

const gpuPlacement = ({ gpuNodes: { label, values, taint } }: TrainingPlan): object => ({
  tolerations: [{ key: taint, operator: 'Exists', effect: 'NoSchedule' }],
  affinity: {
    nodeAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        {
          weight: 100,
          preference: { matchExpressions: [{ key: label, operator: 'In', values }] },
        },
      ],
    },
  },
})

const mounts = (plan: TrainingPlan): object[] => [
  { name: 'home', mountPath: home },
  { name: 'run', mountPath: runFolder },
  { name: 'tmp', mountPath: '/tmp' },
  { name: 'shm', mountPath: '/dev/shm' },
  ...(plan.recipe.kind === 'files' ? [{ name: 'recipe', mountPath: recipeFolder, readOnly: true }] : []),
  ...(plan.dataClaim !== undefined ? [{ name: 'data', mountPath: '/data', readOnly: true }] : []),
]

function volumes(plan: TrainingPlan): object[] {
  const recipe = recipeMap(plan, {})
  return [
    { name: 'home', emptyDir: { sizeLimit: '1Gi' } },
    { name: 'run', persistentVolumeClaim: { claimName: plan.runClaim.name } },
    { name: 'tmp', emptyDir: { sizeLimit: '1Gi' } },
    // Counts as memory of the pod.
    { name: 'shm', emptyDir: { medium: 'Memory', sizeLimit: '1Gi' } },
    ...(recipe ? [{ name: 'recipe', configMap: { name: recipe.name, items: recipe.items } }] : []),
    ...(plan.dataClaim !== undefined
      ? [{ name: 'data', persistentVolumeClaim: { claimName: plan.dataClaim, readOnly: true } }]
      : []),
  ]
}
