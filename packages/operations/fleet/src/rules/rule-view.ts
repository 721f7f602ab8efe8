/**
 * Shared by all rules of a deployment: series selectors, alert labels, time limits. In a cluster its pods are selected by
 * `namespace` and `pod`, regardless of job names; without one, Prometheus monitors only this service, and only `up` is selected by
 * job.
 */

import type { Deployment, EnginePlan } from '../deployment/deployment.ts'
import { type EngineSeries, engineSeries } from '../series/engine-series.ts'
import { scrapedTooSeldom } from './errors.ts'
import { minute, wholeMinutes } from './prom-duration.ts'
import type { AlertRule, RecordingRule, Severity } from './rule-groups.ts'

export type Topic =
  | 'availability'
  | 'latency'
  | 'ttft'
  | 'backlog'
  | 'engine'
  | 'gpu'
  | 'accounts'
  | 'guard'
  | 'config'
  | 'scaling'
  | 'training'

export interface AlertFacts {
  readonly alert: string
  readonly expr: string
  readonly for?: string
  readonly severity: Severity
  /** Which promise, or which part, it belongs to: routes and inhibitions go by it. */
  readonly slo: Topic
  readonly labels?: Readonly<Record<string, string>>
  readonly summary: string
  readonly description: string
}

type Matchers = readonly string[]

/** Where the name of a Deployment is long, Kubernetes leaves out the dash before the last five. */
const podOfDeployment = '[a-z0-9]+(-[a-z0-9]{5})?'
/** Pods of a LeaderWorkerSet: the leader and its workers. */
const podOfGroup = 'group-[0-9]+(-[0-9]+)?'

export class RuleView {
  readonly deployment: Deployment
  readonly inCluster: boolean
  /** Engines that compute on GPUs. */
  readonly gpuEngines: readonly EnginePlan[]
  /** Models of the gateway that other processes compute, engines of this deployment among them. */
  readonly hasUpstreams: boolean

  /** Throws `monitor_scrape_interval`. */
  constructor(deployment: Deployment) {
    const { monitor, monitoring, engines, gateway } = deployment
    if (monitor.scrapeIntervalMillis > 60_000) throw scrapedTooSeldom(monitor.scrapeIntervalMillis)
    this.deployment = deployment
    this.inCluster = monitoring.how !== 'none'
    this.gpuEngines = engines.filter(({ gpus }) => gpus > 0)
    const { models } = gateway.config
    this.hasUpstreams = Array.isArray(models) && models.some((model) => Object.hasOwn(model, 'upstream'))
  }

  /** A series of the gateway's pods. */
  gateway(name: string, ...matchers: Matchers): string {
    return select(name, [...this.#pods([this.#gatewayPods()]), ...matchers])
  }

  /** A series of these engines' pods. */
  engines(name: string, plans: readonly EnginePlan[], ...matchers: Matchers): string {
    return select(name, [...this.#pods(plans.map(podsOf)), ...matchers])
  }

  /** What engines call a quantity, for each of those that have it: to be joined by `or`. */
  quantity(of: (names: EngineSeries) => string | undefined): readonly string[] {
    const { engines } = this.deployment
    const nameOf = ({ kind }: EnginePlan): string | undefined => of(engineSeries(kind))
    return [...new Set(engines.map(nameOf))]
      .filter((name) => name !== undefined)
      .map((name) =>
        this.engines(
          name,
          engines.filter((plan) => nameOf(plan) === name),
        ),
      )
  }

  /** A series of both gateway and engines, or of kube-state-metrics for their pods. */
  everywhere(name: string, ...matchers: Matchers): string {
    const pods = [this.#gatewayPods(), ...this.deployment.engines.map(podsOf)]
    return select(name, [...this.#pods(pods), ...matchers])
  }

  /** `up` of the gateway, or of this service's job outside a cluster. */
  gatewayUp(): string {
    return this.inCluster ? this.gateway('up') : select('up', [`job="${this.deployment.name}"`])
  }

  engineUp(plan: EnginePlan): string {
    return this.inCluster ? this.engines('up', [plan]) : this.gatewayUp()
  }

  /** A series of the DCGM exporter, of the GPUs that these engines hold. */
  gpu(name: string, engines: readonly EnginePlan[], ...matchers: Matchers): string {
    const { gpuPodLabel } = this.deployment.monitor
    if (!this.inCluster || gpuPodLabel === '') return select(name, matchers)
    const pods = engines.map(podsOf).join('|')
    const namespace = `${namespaceLabel(gpuPodLabel)}="${this.deployment.namespace}"`
    return select(name, [namespace, `${gpuPodLabel}=~"${pods}"`, ...matchers])
  }

  /** A series recorded for this service. */
  recorded(name: string, ...matchers: Matchers): string {
    const ours = Object.entries(this.#ours()).map(([label, value]) => `${label}="${value}"`)
    return select(name, [...ours, ...matchers])
  }

  record(record: string, expr: string, labels: Readonly<Record<string, string>> = {}): RecordingRule {
    return { record, expr, labels: { ...this.#ours(), ...labels } }
  }

  alert({ alert, expr, severity, slo, labels = {}, summary, description, ...times }: AlertFacts): AlertRule {
    const { runbookUrl } = this.deployment.monitor
    return {
      alert,
      expr,
      ...times,
      labels: { severity, ...this.#ours(), slo, ...labels },
      annotations: {
        summary,
        description,
        runbook_url: `${runbookUrl.replace(/\/+$/, '')}/${alert}.md`,
      },
    }
  }

  /** How long an engine may take to start, in whole minutes and with one to spare. */
  startMillis({ times }: EnginePlan): number {
    return wholeMinutes(times.probePeriodSeconds * times.startupFailureThreshold * 1000) + minute
  }

  /** What keeps several services in one Prometheus apart: a copy for staging has the same name in another namespace. */
  #ours(): Readonly<Record<string, string>> {
    const { name, namespace } = this.deployment
    return { ...(this.inCluster && { namespace }), service: name }
  }

  #gatewayPods(): string {
    return `${this.deployment.gateway.name}-${podOfDeployment}`
  }

  #pods(patterns: readonly string[]): readonly string[] {
    if (!this.inCluster) return []
    return [`namespace="${this.deployment.namespace}"`, `pod=~"${patterns.join('|')}"`]
  }
}

/** Namespace label for `exported_pod`: `exported_namespace`. */
export function namespaceLabel(podLabel: string): string {
  return podLabel.replace(/pod$/, 'namespace')
}

export function select(name: string, matchers: Matchers): string {
  return matchers.length === 0 ? name : `${name}{${matchers.join(',')}}`
}

/** Regular expression for an engine's pod names; it does not match other engines whose names share the prefix. */
function podsOf({ name, nodes }: EnginePlan): string {
  return `${name}-${nodes > 1 ? podOfGroup : podOfDeployment}`
}
