/** GET /hadal/scaling: how many engines there are, what was decided last and why. */

import { z } from 'zod'

export const scalingQuerySchema: z.ZodType<ScalingQuery> = z.object({
  from: z.enum(['here', 'cluster']).optional(),
})

export interface ScalingQuery {
  /** `here`: of this server's own replicas; `cluster`: of the scaler there. Without it: in a pod the cluster, elsewhere here. */
  readonly from?: 'here' | 'cluster' | undefined
}

export interface ScalingAnswer {
  /** `none`: this server's replicas are fixed, and no cluster was asked. */
  readonly source: 'here' | 'cluster' | 'none'
  /** Whether a kubeconfig is there, or this is a pod. */
  readonly hasCluster: boolean
  readonly status?: ScalerAnswer
  /** What P99 is promised; absent where nobody said one: then latency is no reason to scale. */
  readonly sloMillis?: number
}

/** As GET /decisions has it; of a Lease with when its holder was heard last. */
export interface ScalerAnswer {
  readonly leader: string | null
  readonly isLeader: boolean
  readonly isDryRun?: boolean
  readonly leadsSince?: number
  readonly renewedAt?: number
  readonly models: readonly ScaledModelAnswer[]
}

export interface ScaledModelAnswer {
  readonly model: string
  readonly target: string
  readonly replicas: number | null
  readonly readyReplicas: number | null
  readonly minReplicas: number
  readonly maxReplicas: number
  readonly bound?: string
  readonly observedAt: number | null
  readonly fault: string | null
  /** The newest last. */
  readonly decisions: readonly ScaleDecisionAnswer[]
}

/** Times are milliseconds since 1970. */
export interface ScaleDecisionAnswer {
  readonly at: number
  /** Since when it holds for this reason. */
  readonly since?: number
  readonly action: 'up' | 'down' | 'hold'
  readonly from: number
  readonly to: number
  readonly reason: string
  readonly text: string
  readonly signals: readonly {
    readonly name: string
    readonly value?: number
    readonly wants?: number
    readonly unusable?: string
  }[]
  readonly changedFrom?: number
}
