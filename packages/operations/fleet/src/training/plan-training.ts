/**
 * Decides how a training run is placed in a cluster: from the request, and from the service's cluster settings. Pure; reads no
 * files and knows no manifests.
 */

import type { Deploy, Monitor } from '@hadal/config'
import type { Reason } from '../deployment/deployment.ts'
import { readQuantity } from '../quantity.ts'
import { trainingInvalid } from './errors.ts'
import { checkRecipe, recipePath } from './recipe-config-map.ts'
import { trainingIssues } from './training-issues.ts'
import type { RecipeSource, TrainingForm, TrainingPlan } from './training-plan.ts'

/** The request; undefined values are decided here. */
export interface TrainingRequest {
  readonly name: string
  readonly form: TrainingForm
  readonly recipe: RecipeSource
  /** Behind the recipe on the command line of `hadal train`. */
  readonly args?: readonly string[]
  /** Pods. Default: 1. */
  readonly nodes?: number | undefined
  /** Ranks in each. Default: 1. */
  readonly nproc?: number | undefined
  readonly gpus?: number | undefined
  readonly image?: string | undefined
  /** A claim that is there. */
  readonly runClaim?: string | undefined
  readonly runSize?: string | undefined
  readonly dataClaim?: string | undefined
  readonly restarts?: number | undefined
  readonly terminationGraceSeconds?: number | undefined
  readonly keepSeconds?: number | undefined
  /** 0 serves no metrics. */
  readonly metricsPort?: number | undefined
  readonly queue?: string | undefined
}

export interface TrainingSurroundings {
  readonly deploy: Deploy
  readonly monitor: Monitor
  /** Version of Hadal. */
  readonly version: string
}

/**
 * Throws `deploy_training_invalid` with every issue, `deploy_recipe_too_large` and `deploy_recipe_incomplete`.
 *
 * @internal
 */
export function planTraining(
  request: TrainingRequest,
  { deploy, monitor, version }: TrainingSurroundings,
): TrainingPlan {
  const { nodes = 1, nproc = 1, metricsPort = 9400, restarts = 3, recipe, name, form } = request
  const { image = `hadal-train:${version}`, runSize = '50Gi', terminationGraceSeconds = 120 } = request
  const { keepSeconds = 86_400, gpus = request.image === undefined ? 0 : nproc } = request
  const numbers = { nodes, nproc, gpus, restarts, terminationGraceSeconds, keepSeconds, metricsPort }
  const names = { 'run claim': request.runClaim, 'data claim': request.dataClaim, queue: request.queue }
  const issues = trainingIssues({ name, names, numbers, image, runSize, deploy })
  if (issues.length > 0) throw trainingInvalid(name, issues)
  if (recipe.kind === 'files') checkRecipe(recipe.files)
  const threads = Math.max(1, Math.floor(readQuantity(deploy.cpuLimit)! / nproc))
  const limits = { cpu: deploy.cpuLimit, memory: deploy.memoryLimit }
  const metricsFlags = ['--metrics-port', String(metricsPort), '--metrics-host', '0.0.0.0']
  const choices: Choices = {
    name,
    namespace: deploy.namespace,
    version,
    partOf: deploy.name,
    form,
    image,
    imagePullSecret: deploy.imagePullSecret,
    recipe,
    args: [
      'train',
      recipePath(recipe),
      '--nproc',
      String(nproc),
      ...(metricsPort > 0 ? metricsFlags : []),
      ...(request.args ?? []),
    ],
    nodes,
    nproc,
    gpus,
    gpuNodes: { label: deploy.gpuLabel, values: deploy.gpuLabelValues, taint: deploy.gpuTaint },
    resources: {
      requests: { cpu: deploy.cpuRequest, memory: deploy.memoryRequest },
      limits: gpus > 0 ? { ...limits, 'nvidia.com/gpu': String(gpus) } : limits,
    },
    threads,
    runClaim: {
      name: request.runClaim ?? `${name}-run`,
      makes: request.runClaim === undefined,
      size: runSize,
      access: nodes > 1 ? 'ReadWriteMany' : 'ReadWriteOnce',
      storageClass: deploy.storageClass,
    },
    dataClaim: request.dataClaim,
    restarts,
    terminationGraceSeconds,
    keepSeconds,
    metrics:
      metricsPort === 0
        ? undefined
        : {
            port: metricsPort,
            how: deploy.monitoring,
            namespace: deploy.monitoringNamespace,
            labels: deploy.monitoringLabels,
            intervalSeconds: Math.max(1, Math.round(monitor.scrapeIntervalMillis / 1000)),
          },
    queue: request.queue,
  }
  return { ...choices, reasons: reasonsOf(choices, request, deploy.cpuLimit) }
}

type Choices = Omit<TrainingPlan, 'reasons'>

function reasonsOf(plan: Choices, request: TrainingRequest, cpuLimit: string): Reason[] {
  const { nodes, gpus, threads, image, runClaim } = plan
  const reasons: Reason[] = []
  if (request.gpus === undefined)
    reasons.push(
      gpus === 0
        ? {
            what: 'gpus: 0',
            why: `${image} has a CPU-only libtorch; for --gpus pass an --image with CUDA`,
          }
        : { what: `gpus: ${gpus} per pod`, why: 'one per rank' },
    )
  reasons.push({
    what: `threads: ${threads} per rank`,
    why: `the limit of ${cpuLimit} CPU, divided among ranks`,
  })
  if (runClaim.makes)
    reasons.push({
      what: `run folder: ${runClaim.access}`,
      why: nodes > 1 ? 'shared by all pods' : 'used by one pod',
    })
  if (nodes > 1 && request.queue === undefined)
    reasons.push({
      what: 'no queue',
      why: `pods that cannot be scheduled keep the others waiting, up to 10 minutes; with Kueue (--queue) all ${nodes} start together or not at all`,
    })
  return reasons
}
