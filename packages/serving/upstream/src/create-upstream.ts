/** Assembles an upstream: configured or discovered replicas, health checks, the queue, and the relay of each request. */

import { type Clock, type Logger, onAbort, silentLogger, systemClock } from '@hadal/base'
import { Agent, type Dispatcher } from 'undici'
import { Admission } from './admission.ts'
import { connector } from './connector.ts'
import { type DiscoverySeams, discover } from './discover/discover.ts'
import { upstreamUnavailable } from './errors.ts'
import { HealthWatch } from './health.ts'
import type { Journey, RelayCounts, RelayParts, Seat } from './journey.ts'
import { type ResolvedOptions, resolveOptions } from './options.ts'
import { Relay } from './relay.ts'
import { ReplicaSet } from './replica-set.ts'
import type {
  RelayAnswer,
  RelayRequest,
  RelayScheduling,
  Upstream,
  UpstreamOptions,
  UpstreamSnapshot,
  WakeMemory,
} from './upstream.ts'
import { Sleep } from './wake/sleep.ts'

export interface UpstreamSeams extends DiscoverySeams {
  readonly clock?: Clock
  readonly logger?: Logger
  /** Replaces the upstream's own connections; is not closed. */
  readonly dispatcher?: Dispatcher
  /** By default, wake times are forgotten when the process ends. */
  readonly wakes?: WakeMemory
}

/** Throws `upstream_option_invalid`. Makes no requests before it returns. */
export function createUpstream(given: UpstreamOptions, seams: UpstreamSeams = {}): Upstream {
  return new RemoteModel(resolveOptions(given), seams)
}

/** Below the keep-alive timeout of common servers, which is five seconds. */
const keepAliveMillis = 4000
const neverAborts = new AbortController().signal

class RemoteModel implements Upstream {
  readonly id: string
  readonly #options: ResolvedOptions
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #dispatcher: Dispatcher
  readonly #ownsDispatcher: boolean
  readonly #replicas: ReplicaSet
  readonly #admission: Admission<Journey, Seat>
  readonly #health: HealthWatch | undefined
  readonly #sleep: Sleep
  readonly #stopped = new AbortController()
  readonly #counts: RelayCounts = { relayed: 0, retried: 0, hedged: 0, interrupted: 0 }
  #state: 'open' | 'draining' | 'closed' = 'open'
  /** Listeners for any change. */
  readonly #onChange = new Set<() => void>()
  /** One per request, until its response has ended. */
  readonly #active = new Set<Promise<unknown>>()

  constructor(options: ResolvedOptions, seams: UpstreamSeams) {
    const { clock = systemClock, logger = silentLogger, dispatcher, wakes } = seams
    this.id = options.id
    this.#options = options
    this.#clock = clock
    this.#logger = logger
    this.#ownsDispatcher = dispatcher === undefined
    this.#dispatcher = dispatcher ?? agentFor(options)
    this.#replicas = new ReplicaSet(options)
    const { apiKey } = options
    const headers = { ...options.headers, ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }) }
    this.#sleep = new Sleep(options, {
      ...{ clock, logger, headers, memory: wakes },
      dispatcher: this.#dispatcher,
      signal: this.#stopped.signal,
      noneIsThere: () => this.#noneIsThere(),
      allWereChecked: () => this.#replicas.all.every(({ health }) => health !== 'unknown'),
      waiting: () => this.#admission.waiting,
      complaint: () => this.#complaint(),
    })
    this.#admission = new Admission({ ...options, clock, seats: this.#seats(), holding: this.#sleep })
    const { healthPath } = options
    if (healthPath !== null)
      this.#health = new HealthWatch({
        ...options,
        healthPath,
        clock,
        logger,
        dispatcher: this.#dispatcher,
        headers,
        onChange: (replica) => {
          this.#change()
          if (replica.health === 'up') void this.#sleep.askHowItStarted(replica.url)
        },
      })
    this.#setReplicas([])
    if (options.discover !== undefined)
      void discover(options.discover, {
        id: options.id,
        clock,
        logger,
        seams,
        signal: this.#stopped.signal,
        found: (urls, pending) => {
          this.#sleep.found(pending, urls.length)
          this.#setReplicas(urls)
        },
      })
  }

  async ready(signal: AbortSignal = neverAborts): Promise<void> {
    while (!this.#isReady()) {
      if (signal.aborted || this.#state === 'closed') throw this.#admission.unavailable()
      await new Promise<void>((resolve) => {
        const callOff = onAbort(signal, resolve)
        this.#onChange.add(() => {
          callOff()
          resolve()
        })
      })
    }
  }

  snapshot(): UpstreamSnapshot {
    const { total } = this.#replicas.places(this.#clock.now())
    const { hits, misses } = this.#replicas.router
    return {
      id: this.id,
      state: this.#shownState(total),
      running: this.#admission.running,
      waiting: this.#admission.waiting,
      held: this.#admission.held,
      wake: this.#sleep.snapshot(),
      places: total,
      maxQueue: this.#options.maxQueue,
      replicas: this.#replicas.all.map((replica) => replica.snapshot()),
      ...this.#counts,
      prefixHits: hits,
      prefixMisses: misses,
    }
  }

  refusal(scheduling: RelayScheduling = {}): ReturnType<Upstream['refusal']> {
    return this.#state === 'open' ? this.#admission.refusal(scheduling) : this.#closing()
  }

  async relay(request: RelayRequest, signal: AbortSignal = neverAborts): Promise<RelayAnswer> {
    if (this.#state !== 'open') throw this.#closing()
    const answering = new Relay(this.#parts, request, signal).run()
    const over = answering.then(
      ({ usage }) => usage,
      () => {},
    )
    this.#active.add(over)
    void over.then(() => this.#active.delete(over))
    return answering
  }

  async drain(): Promise<void> {
    if (this.#state === 'open') this.#state = 'draining'
    while (this.#active.size > 0) await Promise.all(this.#active)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#stopped.abort('closed')
    this.#health?.[Symbol.dispose]()
    this.#admission.refuseAll(this.#closing())
    this.#admission[Symbol.dispose]()
    this.#change()
    if (this.#ownsDispatcher) await this.#dispatcher.destroy()
  }

  get #parts(): RelayParts {
    return {
      options: this.#options,
      clock: this.#clock,
      logger: this.#logger,
      dispatcher: this.#dispatcher,
      replicas: this.#replicas,
      admission: this.#admission,
      counts: this.#counts,
    }
  }

  #seats(): ConstructorParameters<typeof Admission<Journey, Seat>>[0]['seats'] {
    return {
      take: ({ tried, prompt }, now) => {
        const replica = this.#replicas.pick(now, tried, prompt)
        return replica === undefined ? undefined : { replica, ticket: replica.begin() }
      },
      places: (now) => this.#replicas.places(now),
      changesAt: (now) => this.#replicas.changesAt(now),
      complaint: () => this.#complaint(),
    }
  }

  #noneIsThere(): boolean {
    const { all } = this.#replicas
    return this.#options.healthPath === null ? all.length === 0 : all.every(({ health }) => health !== 'up')
  }

  #complaint(): string {
    const { all } = this.#replicas
    if (all.length === 0) return 'no replica was found'
    const whys = new Set(all.map(({ complaint }) => complaint ?? 'it was not asked yet'))
    const who = all.length === 1 ? 'its replica is not well' : `none of its ${all.length} replicas is well`
    return `${who} (${[...whys].join('; ')})`
  }

  /** Configured and discovered replicas. */
  #setReplicas(found: readonly string[]): void {
    if (this.#state === 'closed') return
    const { came, went } = this.#replicas.update([...this.#options.replicas, ...found], this.#clock.now())
    for (const replica of went) this.#health?.unwatch(replica)
    for (const replica of came) this.#health?.watch(replica)
    if (came.length + went.length > 0) this.#change()
  }

  #change(): void {
    this.#sleep.changed()
    const waiting = [...this.#onChange]
    this.#onChange.clear()
    for (const notify of waiting) notify()
    this.#admission.dispatch()
  }

  #isReady(): boolean {
    const isUnwatched = this.#options.healthPath === null
    return this.#replicas.all.some(({ health }) => health === 'up' || isUnwatched)
  }

  #shownState(places: number): UpstreamSnapshot['state'] {
    if (this.#state !== 'open') return this.#state
    if (this.#sleep.isAsleep()) return 'asleep'
    if (this.#isReady()) return places > 0 ? 'ready' : 'unavailable'
    return this.#replicas.all.some(({ health }) => health === 'down') ? 'unavailable' : 'starting'
  }

  #closing(): NonNullable<ReturnType<Upstream['refusal']>> {
    return upstreamUnavailable(this.id, `it is ${this.#state}`).with({ retryAfterSeconds: 1 })
  }
}

function agentFor({ connectTimeoutMillis, discover }: ResolvedOptions): Agent {
  const servername =
    discover !== undefined && 'dns' in discover && discover.scheme === 'https' ? discover.dns : undefined
  return new Agent({
    // Bounded by the slots instead.
    connections: null,
    pipelining: 1,
    allowH2: false,
    keepAliveTimeout: keepAliveMillis,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: connector({ timeout: connectTimeoutMillis, ...(servername !== undefined && { servername }) }),
  })
}
