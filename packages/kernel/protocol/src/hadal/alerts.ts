/**
 * GET /hadal/alerts and GET /hadal/alerts/:alert/runbook: the alerting rules of a service, with their state if a Prometheus has
 * them.
 *
 * @example
 * ```ts
 * import type { AlertsAnswer } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/hadal/alerts', {
 *   headers: { authorization: `Bearer ${process.env.HADAL_ADMIN_KEY}` },
 * })
 * const answer = (await response.json()) as AlertsAnswer
 * ```
 */

export interface AlertsAnswer {
  /** The label `service` of its rules. */
  readonly service: string
  readonly prometheus: PrometheusAnswer
  readonly rules: readonly AlertRuleAnswer[]
  readonly targets: readonly AlertTargetAnswer[]
  /** Why alerts would not reach anyone, if so. */
  readonly silence: readonly string[]
}

export interface PrometheusAnswer {
  /** `local`: a `hadal monitor up` on this machine; `config`: `deploy.prometheusUrl`; `none`: unknown. */
  readonly source: 'local' | 'config' | 'none'
  /** Without secrets. */
  readonly url?: string
  readonly answers: boolean
  /** Why it is unavailable. */
  readonly problem?: string
}

/** `notLoaded`: Prometheus does not have the rule. `unknown`: no Prometheus is available. */
export type AlertState = 'firing' | 'pending' | 'inactive' | 'notLoaded' | 'unknown'

export interface AlertRuleAnswer {
  readonly alert: string
  readonly severity: string
  /** The objective or component it belongs to: `availability`, `gpu`. */
  readonly topic: string
  readonly expr: string
  readonly for?: string
  readonly summary: string
  readonly description: string
  readonly state: AlertState
  /** Most severe first; at most 50. */
  readonly instances: readonly AlertInstance[]
  /** Why it could not be evaluated. */
  readonly problem?: string
  readonly hasRunbook: boolean
}

export interface AlertInstance {
  readonly state: 'firing' | 'pending'
  /** Milliseconds since 1970. */
  readonly since?: number
  readonly labels: Readonly<Record<string, string>>
  readonly summary: string
  readonly description: string
  readonly value?: string
}

export interface AlertTargetAnswer {
  readonly job: string
  readonly url: string
  readonly health: 'up' | 'down' | 'unknown'
  readonly error: string
}

/**
 * A runbook for on-call engineers. Texts have `code` in backticks.
 *
 * @example
 * ```ts
 * import type { RunbookAnswer } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/hadal/alerts/HadalErrorRate/runbook', {
 *   headers: { authorization: `Bearer ${process.env.HADAL_ADMIN_KEY}` },
 * })
 * const answer = (await response.json()) as RunbookAnswer
 * ```
 */
export interface RunbookAnswer {
  readonly alert: string
  readonly means: string
  readonly clients: string
  readonly look: readonly {
    readonly says: string
    readonly language: 'sh' | 'promql'
    readonly code: string
  }[]
  readonly causes: readonly string[]
  readonly act: readonly string[]
  readonly wrong: string
}
