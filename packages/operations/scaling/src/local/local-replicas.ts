/**
 * `replicas`: several engine processes per model on this machine. Wraps the engine starter, so that callers see one engine; with
 * `auto` the count follows the load, and decisions can be queried.
 */

import { availableParallelism } from 'node:os'
import { availableMemory } from 'node:process'
import { type Logger, systemClock } from '@hadal/base'
import type { Service } from '@hadal/config'
import { createReplicatedEngine, type Engine, physicalCores, type ReplicatedEngine } from '@hadal/engine'
import type { ServedModel, StartEngine } from '@hadal/service'
import { weightBytes } from '@hadal/service'
import type { ModelStatus, ScalerStatus } from '../scaler-status.ts'
import {
  describeReplicas,
  type Machine,
  planReplicas,
  type ReplicasPlan,
  type ReplicasRequested,
} from './plan-replicas.ts'
import { RecentLatencies } from './recent-latencies.ts'

export interface LocalReplicas {
  readonly start: StartEngine
  /** Status of the models whose replicas follow their load. */
  status(): ScalerStatus
  /** From now on; how many there may be stays as it was at the start. */
  change(service: Service): void
}

/** Where nothing was measured yet. */
const usualStartMillis = 10_000

/** `service` has what scaling goes by, `start` makes one engine. */
export function localReplicas(service: Service, start: StartEngine, logger: Logger): LocalReplicas {
  let current = service
  const scaled = new Map<string, ScaledModel>()

  const startSeveral: StartEngine = (model, said, logger, weights) => {
    const { replicas = 1 } = said
    if (replicas === 1) return start(model, said, logger, weights)
    const requested = requestedOf(model, { ...said, replicas }, current)
    const plan = planReplicas(requested, within(current.memoryBudgetBytes, thisMachine()))
    const latencies = new RecentLatencies()
    let all: ReplicatedEngine | undefined
    const engine = createReplicatedEngine({
      start: (): Engine => start(model, { ...said, ...ownOf(model, said, plan, all) }, logger, weights),
      replicas: plan.least,
      maxReplicas: plan.most,
      sharedBytes: requested.sharesWeights ? requested.weightBytes : 0,
      choices: (own) => [
        ...own.map((choice) => withShare(choice, plan, said)),
        `replicas: ${describeReplicas(plan)} (as configured)`,
      ],
      onEnd: (millis) => latencies.add(systemClock.now(), millis),
      logger,
    })
    all = engine
    if (replicas === 'auto')
      followLoad(engine, plan, latencies, said.slo !== undefined).catch((error: unknown) =>
        logger.error('the number of replicas is fixed', { error }),
      )
    return engine
  }

  /** Its decisions are loaded only here. */
  async function followLoad(
    engine: ReplicatedEngine,
    plan: ReplicasPlan,
    latencies: RecentLatencies,
    isPromised: boolean,
  ): Promise<void> {
    const loading = Promise.all([import('./local-policy.ts'), import('./scale-replicas.ts')])
    // Requests that wait for the engine get the reason for its failure.
    if (
      !(await engine.ready().then(
        () => true,
        () => false,
      ))
    )
      return
    const [{ localPolicy }, { scaleReplicas }] = await loading
    const startMillis = engine.snapshot().start?.millis ?? usualStartMillis
    const policyOf = () => localPolicy(current, plan, { isPromised, startMillis })
    const policy = policyOf()
    const { checkIntervalMillis } = current.scaling
    const scaler = scaleReplicas({ engine, latencies, policy, checkIntervalMillis, logger })
    scaled.set(scaler.model, {
      status: () => statusOf(scaler.status(), engine, plan),
      change: () => void Object.assign(policy, policyOf()),
    })
  }

  return {
    start: startSeveral,
    status: () => ({
      version: 1,
      leader: 'here',
      isLeader: true,
      models: [...scaled.values()].map(({ status }) => status()),
    }),
    change(next) {
      current = next
      for (const model of scaled.values()) model.change()
    },
  }
}

interface ScaledModel {
  status(): ModelStatus
  change(): void
}

/** An unloaded model has none until it is requested. */
function statusOf(status: ModelStatus, { replicas }: ReplicatedEngine, { bound }: ReplicasPlan): ModelStatus {
  const isOver = replicas.over.aborted
  return {
    ...status,
    replicas: isOver ? 0 : replicas.wanted,
    readyReplicas: isOver ? 0 : replicas.ready,
    ...(bound !== undefined && { bound }),
  }
}

function requestedOf(
  { path, hasTowers = false, isOnnx = false }: ServedModel,
  { replicas, threads, kvCacheBytes, mapMemory }: Partial<Service> & Pick<Service, 'replicas'>,
  { scaling: { minReplicas, maxReplicas } }: Service,
): ReplicasRequested {
  return {
    replicas,
    minReplicas,
    maxReplicas,
    threads,
    kvCacheBytes,
    weightBytes: weightBytes(path),
    sharesWeights: !hasTowers && !isOnnx && mapMemory !== false,
  }
}

/** What several models share is not all there is. */
const within = (budgetBytes = Number.POSITIVE_INFINITY, { cores, freeBytes }: Machine): Machine => ({
  cores,
  freeBytes: Math.min(freeBytes, budgetBytes),
})

/** What each gets: its share of the cores, and the context of the first, which found the most memory free. */
function ownOf(
  { hasTowers = false, isOnnx = false }: ServedModel,
  { contextLength }: Partial<Service>,
  { threads }: ReplicasPlan,
  all: ReplicatedEngine | undefined,
): Partial<Service> {
  if (hasTowers || isOnnx || all === undefined) return { threads }
  return { threads, contextLength: contextLength ?? all.model.contextLength }
}

/** The engine reports the number of threads as the user's setting. */
function withShare(choice: string, { threads, most }: ReplicasPlan, said: Partial<Service>): string {
  if (said.threads !== undefined || !choice.startsWith('threads: ')) return choice
  return `threads: ${threads} (the share of each of ${most} replicas)`
}

const thisMachine = (): Machine => ({
  cores: physicalCores() ?? availableParallelism(),
  freeBytes: availableMemory(),
})
