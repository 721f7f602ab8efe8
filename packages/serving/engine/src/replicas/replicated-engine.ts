/**
 * Several engines of one model as one `Engine`: each request goes to the replica with its prefix or the least load, a crash
 * loses only the requests of one replica, and a removed replica finishes its requests first. Scaling decisions are made
 * elsewhere.
 */

import { type Clock, type HadalError, type Logger, silentLogger, systemClock } from '@hadal/base'
import type {
  CacheQuestion,
  CacheView,
  Engine,
  EngineLine,
  EngineSnapshot,
  ModelInfo,
  Scheduling,
} from '../engine.ts'
import { inferenceOff } from '../onnx/errors.ts'
import { askOne, handOn, leftOf } from './hand-on.ts'
import type { ReplicaStanding } from './replica.ts'
import { ReplicaSet } from './replica-set.ts'
import { sumSnapshots } from './sum-snapshots.ts'

export interface ReplicatedEngineOptions {
  /** Creates a replica, which may still be starting. `place` (0 and up) is unique among live replicas. */
  readonly start: (place: number) => Engine
  /** Initial number; at least 1. */
  readonly replicas: number
  /** Maximum number, for memory estimates; `replicas` by default. */
  readonly maxReplicas?: number
  /** Memory shared by all replicas: mapped weights. 0 by default. */
  readonly sharedBytes?: number
  /** Derives the choices of the whole from those of one replica. */
  readonly choices?: (own: readonly string[]) => readonly string[]
  /** Called when a request completed, with its duration in milliseconds. */
  readonly onEnd?: (millis: number) => void
  readonly clock?: Clock
  readonly logger?: Logger
}

export interface Replicas {
  /** As requested. */
  readonly wanted: number
  /** Replicas that currently accept requests. */
  readonly ready: number
  /** All live replicas, including those being removed. */
  readonly all: readonly ReplicaView[]
  /** Sets the number of replicas, at least 1: starts more, or lets the last ones finish their requests and end. */
  scale(wanted: number): void
  /** Aborts when the engine is closed. */
  readonly over: AbortSignal
}

export interface ReplicaView {
  readonly place: number
  readonly standing: ReplicaStanding
  readonly snapshot: EngineSnapshot
}

export interface ReplicatedEngine extends Engine {
  readonly replicas: Replicas
}

/**
 * The first replica starts immediately, the others once it is ready. Limits apply per replica; counts are summed. Throws the
 * error of the first `start`; later ones are retried.
 */
export function createReplicatedEngine(options: ReplicatedEngineOptions): ReplicatedEngine {
  const { clock = systemClock, logger = silentLogger, onEnd = () => {} } = options
  const { maxReplicas = options.replicas, sharedBytes = 0 } = options
  const set = new ReplicaSet({ ...options, clock, logger })
  const handing = { set, clock, onEnd }
  const views = (): ReplicaView[] =>
    set.members.map(({ place, standing, engine }) => ({ place, standing, snapshot: engine.snapshot() }))
  const isReady = ({ standing, snapshot }: ReplicaView): boolean =>
    standing === 'serving' && snapshot.state === 'ready'
  const modelOf = memoryOfAll(maxReplicas, sharedBytes)
  /** Passes on the remaining time if another replica kept the request waiting. */
  const pooled = async <Request extends Scheduling, Answer>(
    request: Request,
    ask: (engine: Engine, request: Request) => Promise<Answer>,
  ): Promise<Answer> => {
    const begunAt = clock.now()
    const answer = await askOne(set, (engine) =>
      ask(engine, { ...request, ...leftOf(request, clock.now() - begunAt) }),
    )
    onEnd(clock.now() - begunAt)
    return answer
  }

  return {
    replicas: {
      get wanted() {
        return set.wanted
      },
      get ready() {
        return views().filter(isReady).length
      },
      get all() {
        return views()
      },
      scale: (wanted) => set.scale(wanted),
      over: set.over,
    },
    get model() {
      return modelOf(set.first.model)
    },
    get choices() {
      const { choices = (own) => own } = options
      return choices(set.first.choices)
    },
    get capacity() {
      return set.first.capacity
    },
    ready: () => set.ready,
    snapshot() {
      const parts = views().map(({ standing, ...view }) => ({ ...view, serves: standing === 'serving' }))
      const sum = sumSnapshots(parts, set.restartsBefore)
      return set.state === 'open' ? sum : { ...sum, state: set.state }
    },
    generate: (request, signal) => handOn(handing, request, signal),
    refusal: (scheduling) => refusalOfAll(set, scheduling),
    tokenize: (text, how) => askOne(set, (engine) => engine.tokenize(text, how)),
    promptLength: (prompt) => askOne(set, (engine) => engine.promptLength(prompt)),
    detokenize: (tokens) => askOne(set, (engine) => engine.detokenize(tokens)),
    pieces: (tokens) => askOne(set, (engine) => engine.pieces(tokens)),
    embed: (request, signal) => pooled(request, (engine, own) => engine.embed(own, signal)),
    rerank: (request, signal) => pooled(request, (engine, own) => engine.rerank(own, signal)),
    infer: (request, signal) =>
      pooled(request, async (engine, own) => {
        if (engine.infer === undefined) throw inferenceOff(engine.model.id)
        return engine.infer(own, signal)
      }),
    get adapters() {
      return set.first.adapters
    },
    loadAdapter: (adapter) =>
      set.changeAdapters(
        (engine) => engine.loadAdapter(adapter),
        (engine) => engine.unloadAdapter(adapter.id),
      ),
    unloadAdapter(id) {
      const known = set.first.adapters.find((each) => each.id === id)
      return set.changeAdapters(
        (engine) => engine.unloadAdapter(id),
        async (engine) => known && engine.loadAdapter(known),
      )
    },
    setAdapterScales(scales) {
      const before = set.first.adapters.map(({ id, scale }) => ({ id, scale }))
      return set.changeAdapters(
        (engine) => engine.setAdapterScales(scales),
        (engine) => engine.setAdapterScales(before),
      )
    },
    onStep: (listener) => set.onStep(listener),
    reportMembers: () => set.reportMembers(),
    caches: (question) => cachesOfAll(set, question),
    line: (most) => lineOfAll(set, most),
    /** Undefined if the replicas' limits cannot change; `limit` then has no effect. */
    get limits() {
      return set.first.limits!
    },
    limit(changed) {
      set.limit(changed)
      return set.first.limits!
    },
    drain: (timeoutMillis) => set.drain(timeoutMillis),
    [Symbol.asyncDispose]: () => set.close(),
  }
}

/** A request is rejected only if all replicas would reject it. */
function refusalOfAll({ members }: ReplicaSet, scheduling: Scheduling): HadalError | undefined {
  const serving = members.filter(({ standing }) => standing === 'serving')
  const refusals = serving.map(({ engine }) => engine.refusal?.(scheduling))
  return refusals.includes(undefined) ? undefined : refusals[0]
}

/** Only ready replicas: a restarting one would delay the response. */
async function cachesOfAll({ members }: ReplicaSet, question: CacheQuestion): Promise<CacheView[]> {
  const ready = members.filter(({ engine }) => engine.snapshot().state === 'ready')
  const views = await Promise.allSettled(
    ready.map(async ({ place, engine }) =>
      ((await engine.caches?.(question)) ?? []).map((view) => ({ ...view, replica: place })),
    ),
  )
  return views.flatMap((view) => (view.status === 'fulfilled' ? view.value : []))
}

function lineOfAll({ members }: ReplicaSet, most: number): EngineLine {
  const lines = members.flatMap(({ engine }) => engine.line?.(most) ?? [])
  const waiting = new Map<number, number>()
  for (const { priorities } of lines)
    for (const each of priorities)
      waiting.set(each.priority, (waiting.get(each.priority) ?? 0) + each.waiting)
  const longestFirst = lines
    .flatMap(({ requests }) => requests)
    .sort((one, other) => other.waitedMillis - one.waitedMillis)
  const inOrder = [...waiting].sort(([one], [other]) => one - other)
  return {
    requests: longestFirst.slice(0, most),
    priorities: inOrder.map(([priority, count]) => ({ priority, waiting: count })),
  }
}

/** Returns the same object for the same model. */
function memoryOfAll(replicas: number, sharedBytes: number): (model: ModelInfo) => ModelInfo {
  let [of, all]: (ModelInfo | undefined)[] = []
  return (model) => {
    const { memoryBytes } = model
    if (model !== of)
      all =
        memoryBytes === undefined
          ? model
          : { ...model, memoryBytes: sharedBytes + (memoryBytes - sharedBytes) * replicas }
    of = model
    return all!
  }
}
