/** A training run as it should be in a cluster, with every choice made. Plain data; `trainingManifests` renders it. */

import type { Reason, Resources } from '../deployment/deployment.ts'

/** Controller of the ranks: Kubernetes' own Job, JobSet, or Kubeflow Trainer. */
export type TrainingForm = 'job' | 'jobset' | 'trainjob'

/** A file of a recipe. */
export interface RecipeFile {
  /** From the recipe's folder, with `/`. */
  readonly path: string
  readonly bytes: Uint8Array
}

export type RecipeSource =
  /** `main` is what `hadal train` is given, from the folder: a file, or `.` for the folder. */
  | { readonly kind: 'files'; readonly main: string; readonly files: readonly RecipeFile[] }
  | { readonly kind: 'image'; readonly path: string }

export interface TrainingPlan {
  /** Name of the Job, its Service and its claim; pod names derive from it. */
  readonly name: string
  readonly namespace: string
  readonly version: string
  /** The service that it belongs to. */
  readonly partOf: string
  readonly form: TrainingForm
  readonly image: string
  readonly imagePullSecret: string | undefined
  readonly recipe: RecipeSource
  /** Arguments of `hadal`: `train`, the recipe, its flags. */
  readonly args: readonly string[]
  /** Pods, a machine each. */
  readonly nodes: number
  /** Ranks in each. */
  readonly nproc: number
  /** GPUs of each pod. */
  readonly gpus: number
  readonly gpuNodes: { readonly label: string; readonly values: readonly string[]; readonly taint: string }
  readonly resources: Resources
  /** Threads of each rank. */
  readonly threads: number
  readonly runClaim: {
    readonly name: string
    readonly makes: boolean
    readonly size: string
    readonly access: 'ReadWriteOnce' | 'ReadWriteMany'
    readonly storageClass: string | undefined
  }
  /** Mounted read-only at `/data`. */
  readonly dataClaim: string | undefined
  /** Failures after which the run is given up; evictions do not count. */
  readonly restarts: number
  /** From the signal to the kill: a step, and writing a checkpoint. */
  readonly terminationGraceSeconds: number
  /** How long a finished run is kept. */
  readonly keepSeconds: number
  readonly metrics:
    | {
        readonly port: number
        readonly how: 'operator' | 'annotations' | 'none'
        /** The scraping Prometheus' namespace; its labels follow. */
        readonly namespace: string
        readonly labels: Readonly<Record<string, string>>
        readonly intervalSeconds: number
      }
    | undefined
  /** Kueue's, which admits all pods at once or none. */
  readonly queue: string | undefined
  readonly reasons: readonly Reason[]
}
