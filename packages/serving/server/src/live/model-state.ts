/** Read-only state of each model for the live page. */

import type { Engine, EngineLine, ReplicatedEngine } from '@hadal/engine'
import type { LiveCache, LiveEngine, LiveModel, LiveQueue } from '@hadal/protocol'
import type { HostedModel } from '../models/hosted-model.ts'
import type { UpstreamModel } from '../models/model-source.ts'
import type { RequestNames } from './request-names.ts'

/** Maximum nodes of the prefix tree and maximum queued requests to show. */
const maxPrefixes = 120
const maxWaiting = 50
/** Timeout for an engine to report its KV cells, because a step may be running. */
const patienceMillis = 400

export interface ModelStateContext {
  readonly names: RequestNames
  /** Whether the start of prompts may be shown. */
  readonly withTexts: boolean
}

export async function hostedState(model: HostedModel, context: ModelStateContext): Promise<LiveModel> {
  const { status, engine, failure, loadMillis, uses } = model
  const isThere = engine !== undefined && (status === 'ready' || status === 'loading')
  const state = isThere ? engine.snapshot().state : undefined
  return {
    id: model.id ?? 'model',
    // A loaded model's engine may be restarting.
    status: status === 'ready' && state !== undefined ? state : status,
    uses,
    ...(loadMillis !== undefined && { loadMillis }),
    ...(failure !== undefined && { error: { code: failure.error.code, message: failure.error.message } }),
    ...(isThere && status === 'ready' && { engine: await engineState(engine, context) }),
  }
}

export function upstreamState({ id, upstream }: UpstreamModel): LiveModel {
  return { id, status: upstream.snapshot().state, uses: 0 }
}

async function engineState(engine: Engine, context: ModelStateContext): Promise<LiveEngine> {
  const { model, choices, limits } = engine
  const { state, slots: _, processes: _1, replicas: _2, start, ...figures } = engine.snapshot()
  const { maxBatchTokens } = limits ?? {}
  const replicas = 'replicas' in engine ? (engine as ReplicatedEngine).replicas.all : undefined
  return {
    choices,
    ...figures,
    ...(maxBatchTokens !== undefined && { maxBatchTokens }),
    ...(start !== undefined && { start: { millis: start.millis, phases: { ...start.phases } } }),
    ...(model.memoryBytes !== undefined && { memoryBytes: model.memoryBytes }),
    contextLength: model.contextLength,
    ...(replicas !== undefined && {
      replicas: replicas.map(({ place, standing, snapshot }) => {
        const { running, waiting, restarts } = snapshot
        return { place, standing, state: snapshot.state, running, waiting, restarts }
      }),
    }),
    queue: queueOf(engine.line?.(maxWaiting), figures.waiting, context.names),
    caches: state === 'ready' ? await cachesOf(engine, context.withTexts) : [],
  }
}

function queueOf(line: EngineLine | undefined, waiting: number, names: RequestNames): LiveQueue {
  const requests = (line?.requests ?? []).map((each) => ({ ...each, id: names.of(each.id) ?? each.id }))
  return {
    priorities: line?.priorities ?? [],
    requests,
    leftOut: Math.max(0, waiting - requests.length),
  }
}

/** Last known cells per engine and the pending query. */
const known = new WeakMap<Engine, { caches: readonly LiveCache[]; requested: Promise<void> | undefined }>()

/** Returns the last known cells if the query is slow or fails, so that the rest is still shown. */
async function cachesOf(engine: Engine, withTexts: boolean): Promise<readonly LiveCache[]> {
  const last = known.get(engine) ?? { caches: [], requested: undefined }
  known.set(engine, last)
  const reported = (caches: readonly LiveCache[]): void => {
    last.caches = caches
    last.requested = undefined
  }
  last.requested ??= engine.caches?.({ most: maxPrefixes, withTexts }).then(reported, () => reported([]))
  const late = new Promise<void>((resolve) => {
    setTimeout(resolve, patienceMillis).unref()
  })
  await Promise.race([last.requested, late])
  return last.caches
}
