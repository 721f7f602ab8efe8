/**
 * The desired state of a deployment, with every choice made: `planDeployment` derives it from a service, and every manifest is
 * rendered from it. Plain data without secrets; no later stage makes choices.
 */

import type { Monitor, Scaling, Slo } from '@hadal/config'

export interface Deployment {
  /** What everything is called after: `hadal`. */
  readonly name: string
  readonly namespace: string
  /** Version of the rendering Hadal, for `app.kubernetes.io/version`. */
  readonly version: string
  readonly gateway: GatewayPlan
  /** One for each model that this service computes itself. */
  readonly engines: readonly EnginePlan[]
  readonly slo: Slo & {
    readonly ttftMillis: number | undefined
    /** A default, not a configured SLO: alerts use it, scaling does not. */
    readonly isDefault?: true
  }
  readonly scaling: Scaling & { readonly maxReplicas: number }
  readonly monitor: Monitor
  readonly monitoring: {
    readonly how: 'operator' | 'annotations' | 'none'
    readonly namespace: string
    readonly labels: Readonly<Record<string, string>>
    /** Where KEDA asks; the operator's own Prometheus by default. */
    readonly prometheusUrl?: string | undefined
  }
  readonly imagePullSecret: string | undefined
  readonly secretName: string
  readonly host: string | undefined
  readonly overlays: readonly OverlayPlan[]
  /** Each choice that was made for the user, as `hadal deploy render` prints it. */
  readonly reasons: readonly Reason[]
}

/** `tensor parallel: 4 (131.5 GB of weights in GPUs of 80 GB, 10 % left for keys and values)`. */
export interface Reason {
  readonly what: string
  readonly why: string
}

export interface Resources {
  readonly requests: Readonly<Record<string, string>>
  readonly limits: Readonly<Record<string, string>>
}

/** A variable whose value is in the Secret; the plan never contains the value. */
export interface SecretVariable {
  /** `HADAL_API_KEYS`. */
  readonly variable: string
  /** Its key in the Secret. */
  readonly key: string
  /** Pods start without it. */
  readonly optional: boolean
}

/** Times of a pod's life, in whole seconds as Kubernetes counts them. */
export interface PodTimes {
  readonly probePeriodSeconds: number
  /** `probePeriodSeconds` times this is the budget for a start. */
  readonly startupFailureThreshold: number
  /** How long `preStop` waits for endpoints to be taken out everywhere. */
  readonly preStopSeconds: number
  /** The longest request, the wait before and a margin. */
  readonly terminationGraceSeconds: number
}

export interface GatewayPlan {
  /** Name of its Deployment, Service, ServiceAccount and so on: `hadal-gateway`. */
  readonly name: string
  readonly image: string
  readonly replicas: number
  readonly port: number
  /** Its `hadal.config.json`, without any secrets. */
  readonly config: Readonly<Record<string, unknown>>
  readonly secrets: readonly SecretVariable[]
  /** Port of the key database, if there is one. */
  readonly databasePort?: number | undefined
  readonly resources: Resources
  readonly times: PodTimes
}

export interface EnginePlan {
  /**
   * Name of its Deployment, Service and so on: `hadal-engine`, or with the model's id if there are several.
   */
  readonly name: string
  /** As clients name it. */
  readonly modelId: string
  readonly kind: 'llama' | 'vllm' | 'sglang'
  readonly image: string
  readonly port: number
  /** Without an autoscaler. */
  readonly replicas: number
  /** Whether something else changes `replicas`: it is then left out of manifests. */
  readonly isScaled: boolean
  /** GPUs of one replica, over all of its nodes; 0 runs on CPUs. */
  readonly gpus: number
  /** GPUs of each of its pods. */
  readonly gpusPerNode: number
  /** More than 1 makes a LeaderWorkerSet. */
  readonly nodes: number
  readonly tensorParallel: number
  readonly pipelineParallel: number
  /** Command of the container, with all arguments. */
  readonly command: readonly string[]
  /** Command of the group's other nodes, if any; they join the node that runs `command`. */
  readonly workerCommand: readonly string[] | undefined
  /** `hadal.config.json` of an embedded engine; undefined of others. */
  readonly config: Readonly<Record<string, unknown>> | undefined
  readonly secrets: readonly SecretVariable[]
  readonly resources: Resources
  readonly times: PodTimes
  readonly model: ModelPlan
  readonly gpuNodes: {
    readonly label: string
    readonly values: readonly string[]
    readonly taint: string
    readonly resource: 'nvidia.com/gpu'
  }
  /** Surge if there are spare GPUs, else one replica at a time; `hadal deploy plan` may override it. */
  readonly rollout: 'surge' | 'inPlace'
}

export interface ModelPlan {
  /** As passed to the engine: a path in the container, or a name of the hub. */
  readonly ref: string
  readonly storage: 'image' | 'download' | 'claim'
  /** What the init container downloads, if anything. */
  readonly source: string | undefined
  /** How it does: undefined unless `storage` is `download`. */
  readonly download: { readonly image: string; readonly command: readonly string[] } | undefined
  readonly mountPath: string
  readonly claim: string
  /** Whether the claim is made here. */
  readonly makesClaim: boolean
  readonly storageClass: string | undefined
  readonly bytes: number
}

/** What differs in one overlay, as a complete Deployment: overlays are rendered as the difference from the base. */
export interface OverlayPlan {
  readonly name: string
  readonly deployment: Deployment
}
