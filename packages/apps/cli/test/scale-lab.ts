/**
 * A service with one model on GPUs in a fake cluster, watched by a fake Prometheus, and scalers at its side; time moves by hand, and
 * only while nothing is on its way.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger, type LogFields, ManualClock } from '@hadal/base'
import { connect, type Kube, kubeOf } from '@hadal/cluster'
import { type Deployment, type ScaledModel, type ScalerPlan, scalerPlanOf } from '@hadal/fleet'
import type { LeaseTimes } from '@hadal/scaling'
import { type Controller, createController, type Prometheus, prometheusAt } from '@hadal/scaling'
import { createScaleTelemetry, type ScaleTelemetry } from '@hadal/telemetry'
import { gpuNode as gpuNodeService } from '../../../operations/fleet/test/deployments.ts'
import { engineManifests } from './engine-manifests.ts'
import {
  type FakeKubernetes,
  type FakeKubernetesOptions,
  gpuNode,
  startFakeKubernetes,
} from './fake-kubernetes/fake-kubernetes.ts'
import { type FakePrometheus, type Figure, startFakePrometheus } from './fake-prometheus.ts'
import { recordingTerminal } from './recording-terminal.ts'

export interface Figures {
  readonly busy?: Figure
  readonly backlog?: Figure
  readonly latency?: Figure
  readonly demand?: Figure
  /** GPUs with metrics; default: one per running engine. */
  readonly gpus?: Figure
  /** Age of all samples. */
  readonly ageSeconds?: number
}

export interface LabScaler {
  readonly controller: Controller
  readonly telemetry: ScaleTelemetry
  /** `info leads hadal/hadal-scaler`. */
  readonly lines: string[]
  readonly fields: LogFields[]
  /** Whether the API server is unreachable. */
  isCutOff: boolean
}

export interface ScaleLab extends AsyncDisposable {
  readonly folder: string
  readonly fake: FakeKubernetes
  readonly prometheus: FakePrometheus
  readonly clock: ManualClock
  readonly plan: ScalerPlan
  readonly model: ScaledModel
  scaler(
    identity: string,
    given?: { isDryRun?: boolean; times?: LeaseTimes; clock?: ManualClock; timeoutMillis?: number },
  ): Promise<LabScaler>
  /** Sets the metrics Prometheus returns. */
  says(figures: Figures): void
  /** The requested replicas; undefined if the Deployment is gone. */
  replicas(): number | undefined
  setReplicas(replicas: number): void
  /** Time passes, a second at a time. */
  pass(millis: number, step?: number): Promise<void>
  /** Time passes until it is so, for 600 steps at most. */
  until(what: string, isSo: () => boolean, step?: number): Promise<void>
}

const quick = {
  autoscaler: 'hadal',
  maxReplicas: 8,
  gpuLowForMillis: 60_000,
  upCooldownMillis: 60_000,
  downCooldownMillis: 60_000,
} as const
const start = Date.parse('2026-06-01T12:00:00Z')

export async function scaleLab(
  given: {
    readonly scaling?: Partial<Deployment['scaling']>
    readonly replicas?: number
    readonly kubernetes?: Partial<FakeKubernetesOptions>
  } = {},
): Promise<ScaleLab> {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-scale-'))
  const fake = await startFakeKubernetes({
    folder,
    nodes: [gpuNode('gpu-1', 16)],
    millisPerRequest: 0,
    ...given.kubernetes,
  })
  const prometheus = await startFakePrometheus()
  const clock = new ManualClock(start)
  prometheus.now = () => clock.now()
  const scaling = { ...gpuNodeService.scaling, ...quick, ...given.scaling }
  const { isDefault: _, ...slo } = gpuNodeService.slo
  const plan = scalerPlanOf({ ...gpuNodeService, namespace: 'hadal', scaling, slo })
  const model = plan.models[0]!
  const { name } = model.target
  const [namespace, configMap, , deployment] = engineManifests({ replicas: given.replicas ?? 2 })
  fake.put(namespace as never)
  fake.put({ ...configMap, metadata: { ...configMap!.metadata, namespace: 'hadal' } } as never)
  fake.put({
    ...deployment,
    metadata: { ...deployment!.metadata, name, namespace: 'hadal', generation: 1 },
    spec: {
      ...(deployment!.spec as object),
      strategy: { type: 'RollingUpdate' },
      progressDeadlineSeconds: 600,
    },
  } as never)
  for (let second = 0; second < 20; second++) fake.advance(1000)
  let pending = 0
  const counted =
    <Requested extends unknown[], Said>(ask: (...requested: Requested) => Promise<Said>) =>
    async (...requested: Requested): Promise<Said> => {
      pending += 1
      try {
        return await ask(...requested)
      } finally {
        pending -= 1
      }
    }
  /** Waits until no requests are in flight. */
  const quiet = async (): Promise<void> => {
    for (let turns = 0; turns < 3; ) {
      await new Promise((resolve) => setImmediate(resolve))
      turns = pending === 0 ? turns + 1 : 0
      if (pending > 0) await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }
  const lab: ScaleLab = {
    folder,
    fake,
    prometheus,
    clock,
    plan,
    model,
    async scaler(
      identity,
      {
        isDryRun = false,
        times = { durationSeconds: 15, renewMillis: 3000 },
        clock: own,
        timeoutMillis = 300_000,
      } = {},
    ) {
      const terminal = recordingTerminal({ folder, env: { KUBECONFIG: fake.kubeconfig } })
      const connection = await connect({}, terminal)
      const bare = kubeOf(connection, 300_000)
      const requested = prometheusAt({ url: prometheus.url, timeoutMillis })
      const telemetry = createScaleTelemetry()
      const scaler: { -readonly [Key in keyof LabScaler]: LabScaler[Key] } = {
        telemetry,
        lines: [],
        fields: [],
        isCutOff: false,
        controller: undefined as never,
      }
      const kube: Kube = {
        connection,
        ask: counted((request, signal) => {
          if (scaler.isCutOff) throw new Error('the API server cannot be reached')
          return bare.ask(request, signal)
        }),
      }
      const counting: Prometheus = { query: counted(requested.query), queryRange: counted(requested.queryRange) }
      scaler.controller = createController({
        plan,
        kube,
        prometheus: counting,
        identity,
        times,
        isDryRun,
        telemetry,
        clock: own ?? clock,
        log: createLogger((level, message, fields) => {
          scaler.lines.push(`${level} ${message}`)
          scaler.fields.push(fields)
        }, 'debug'),
      })
      return scaler
    },
    says({ busy, backlog = 0, latency, demand = 0, gpus, ageSeconds = 0 }) {
      const { figures } = prometheus
      const { busyPercent, backlog: waiting, latencyP99Millis, demand: requested } = model.queries
      const all = [busyPercent!, waiting, latencyP99Millis, requested]
      figures.clear()
      const given = [busy, backlog, latency, demand]
      for (const [index, { value }] of all.entries()) figures.set(value, given[index])
      for (const { measuredAt } of all) figures.set(measuredAt, prometheus.now() / 1000 - ageSeconds)
      figures.set(busyPercent!.sources!.count, gpus ?? busyPercent!.sources!.perReplica * 16)
    },
    replicas: () => fake.store.get('Deployment', 'hadal', name)?.spec?.replicas as number | undefined,
    setReplicas(replicas) {
      const live = fake.store.get('Deployment', 'hadal', name)!
      fake.put({ ...live, spec: { ...live.spec, replicas } })
    },
    async pass(millis, step = 1000) {
      for (let passed = 0; passed < millis; passed += step) {
        await quiet()
        clock.advance(step)
        fake.advance(step)
        // Metrics stay fresh while they are recorded.
        for (const [question, figure] of prometheus.figures)
          if (question.startsWith('min(timestamp(') && typeof figure === 'number')
            prometheus.figures.set(question, figure + step / 1000)
      }
      await quiet()
    },
    async until(what, isSo, step = 1000) {
      for (let tries = 0; tries < 600; tries++) {
        if (isSo()) return
        await lab.pass(step, step)
      }
      throw new Error(`never: ${what}`)
    },
    async [Symbol.asyncDispose]() {
      await fake.close()
      await prometheus[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true })
    },
  }
  return lab
}
