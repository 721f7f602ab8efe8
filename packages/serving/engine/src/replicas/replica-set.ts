/**
 * The replicas of a model: starts them, keeps their settings equal, retries failed starts, and removes surplus ones. The first
 * starts alone: an error in the model is reported once, and the weights are in memory for the next. A replica being removed
 * finishes its requests, and returns to service immediately if it is wanted again.
 */

import { type Clock, type HadalError, isHadalError, type Logger, messageOf } from '@hadal/base'
import type { Engine, EngineLimits, StepReport } from '../engine.ts'
import { engineClosed } from '../errors.ts'
import { adaptersAlike } from './adapters-alike.ts'
import { Replica } from './replica.ts'
import { RequestRouter } from './request-router.ts'

export interface ReplicaSetOptions {
  /** Creates a replica, which may still be starting. */
  readonly start: (place: number) => Engine
  readonly replicas: number
  readonly clock: Clock
  readonly logger: Logger
}

const [minRetryMillis, maxRetryMillis] = [1_000, 60_000]

export class ReplicaSet {
  readonly router: RequestRouter = new RequestRouter(
    () => this.#members,
    (replica) => this.#endIfDone(replica),
  )
  /** Resolves when the first one serves; rejects when it never will. */
  readonly ready: Promise<void>
  readonly #options: ReplicaSetOptions
  /** Ordered by place. */
  #members: Replica[] = []
  readonly #listeners = new Set<(report: StepReport) => void>()
  /** Number of consumers of step members, and what unsubscribes each replica. */
  #memberReaders = 0
  readonly #telling = new Map<Replica, Disposable>()
  readonly #over = new AbortController()
  #becameReady: () => void = () => {}
  #neverBecomesReady: (error: unknown) => void = () => {}
  #wanted: number
  #wasEverReady = false
  #state: 'open' | 'draining' | 'closed' = 'open'
  #why: HadalError = engineClosed('closed')
  #steps = 0
  #restartsBefore = 0
  /** Consecutive failed starts. */
  #failures = 0
  #isPausing = false
  #limits: Partial<EngineLimits> | undefined
  /** Serialises changes of adapters. */
  #turn: Promise<unknown> = Promise.resolve()

  /** Throws the error of the first `start`. */
  constructor(options: ReplicaSetOptions) {
    this.#options = options
    this.#wanted = Math.max(1, options.replicas)
    this.ready = new Promise((resolve, reject) => {
      this.#becameReady = resolve
      this.#neverBecomesReady = reject
    })
    this.ready.catch(() => {})
    this.#start()
  }

  /** Includes those being removed. */
  get members(): readonly Replica[] {
    return this.#members
  }

  get over(): AbortSignal {
    return this.#over.signal
  }

  get wanted(): number {
    return this.#wanted
  }

  get state(): 'open' | 'draining' | 'closed' {
    return this.#state
  }

  /** Restarts of removed replicas. */
  get restartsBefore(): number {
    return this.#restartsBefore
  }

  /** The engine for questions that all replicas answer alike. */
  get first(): Engine {
    return (this.#members.find(({ standing }) => standing === 'serving') ?? this.#members[0]!).engine
  }

  scale(wanted: number): void {
    this.#wanted = Math.max(1, Math.floor(wanted))
    this.#fit()
  }

  /** Throws `engine_closed`, or why the first one could not start. */
  check(): void {
    if (this.#state === 'draining') throw engineClosed('draining')
    if (this.#state === 'closed') throw this.#why
  }

  onStep(listener: (report: StepReport) => void): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) }
  }

  /** See `Engine.reportMembers`: for all current and future replicas. */
  reportMembers(): Disposable {
    this.#memberReaders += 1
    if (this.#memberReaders === 1) for (const replica of this.#members) this.#reportMembersOf(replica)
    let isOver = false
    return {
      [Symbol.dispose]: () => {
        if (isOver) return
        isOver = true
        this.#memberReaders -= 1
        if (this.#memberReaders > 0) return
        for (const telling of this.#telling.values()) telling[Symbol.dispose]()
        this.#telling.clear()
      },
    }
  }

  #reportMembersOf(replica: Replica): void {
    const telling = replica.engine.reportMembers?.()
    if (telling !== undefined) this.#telling.set(replica, telling)
  }

  /** For all current and future replicas. */
  limit(changed: Partial<EngineLimits>): void {
    this.#limits = { ...this.#limits, ...changed }
    for (const { engine } of this.#members) engine.limit?.(changed)
  }

  /** Makes the same change of adapters in all; if one fails, the others are rolled back and the error is thrown. */
  changeAdapters(
    change: (engine: Engine) => Promise<void>,
    undo: (engine: Engine) => Promise<void>,
  ): Promise<void> {
    return this.#inTurn(async () => {
      const serving = this.#members.filter(({ standing }) => standing === 'serving')
      const holds = (serving.length > 0 ? serving : this.#members).map((each) => this.router.hold(each))
      const [first, ...others] = holds.map(({ replica }) => replica.engine)
      try {
        await change(first!)
        const outcomes = await Promise.allSettled(others.map(change))
        const failed = outcomes.find((outcome) => outcome.status === 'rejected')
        if (failed === undefined) return
        const changed = [first!, ...others.filter((_, at) => outcomes[at]!.status === 'fulfilled')]
        await Promise.allSettled(changed.map(undo))
        throw failed.reason
      } finally {
        for (const hold of holds) hold[Symbol.dispose]()
      }
    })
  }

  async drain(timeoutMillis: number): Promise<void> {
    if (this.#state === 'open') this.#state = 'draining'
    await Promise.all(this.#members.map(({ engine }) => engine.drain(timeoutMillis)))
  }

  async close(error: HadalError = engineClosed('closed')): Promise<void> {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#why = error
    this.#over.abort('closed')
    this.#neverBecomesReady(error)
    await Promise.all(this.#members.map(({ engine }) => engine[Symbol.asyncDispose]()))
  }

  /** Starts or removes replicas to match the wanted number. */
  #fit(): void {
    if (this.#state !== 'open') return
    const staying = this.#members.filter(({ standing }) => standing !== 'leaving')
    for (const each of leavers(staying, staying.length - this.#wanted)) this.#leave(each)
    let missing = this.#wanted - staying.length
    if (missing > 0 && staying.length > 0 && !this.#wasEverReady) return
    for (const each of this.#members) {
      if (missing <= 0) break
      if (each.standing !== 'leaving') continue
      each.standing = 'starting'
      missing -= 1
      void this.#join(each)
    }
    for (; missing > 0 && !this.#isPausing; missing -= 1) this.#startAgain()
  }

  #start(): void {
    const taken = new Set(this.#members.map(({ place }) => place))
    let place = 0
    while (taken.has(place)) place += 1
    const engine = this.#options.start(place)
    const replica = new Replica(place, engine)
    this.#members = [...this.#members, replica].sort((one, other) => one.place - other.place)
    engine.onStep((report) => this.#report(place, report))
    if (this.#memberReaders > 0) this.#reportMembersOf(replica)
    if (this.#limits !== undefined) engine.limit?.(this.#limits)
    void this.#join(replica)
  }

  #startAgain(): void {
    try {
      this.#start()
    } catch (error) {
      this.#pause(error)
    }
  }

  /** Puts a replica into service once it is ready and has the same settings. */
  async #join(replica: Replica): Promise<void> {
    const { engine } = replica
    try {
      await engine.ready()
      await this.#inTurn(() => this.#makeAlike(engine))
    } catch (error) {
      return this.#failed(replica, error)
    }
    if (this.#state !== 'open' || replica.standing !== 'starting') return
    replica.standing = 'serving'
    this.#wasEverReady = true
    this.#failures = 0
    this.#becameReady()
    const serving = this.#members.filter(({ standing }) => standing === 'serving').length
    this.#options.logger.info(`replica ${replica.place} serves: ${serving} of ${this.#wanted}`)
    this.#fit()
    this.router.moveWaiting()
  }

  async #makeAlike(engine: Engine): Promise<void> {
    const other = this.#members.find((each) => each.standing === 'serving' && each.engine !== engine)
    if (other !== undefined) await adaptersAlike(engine, other.engine.adapters)
  }

  async #failed(replica: Replica, error: unknown): Promise<void> {
    if (this.#state === 'closed' || !this.#members.includes(replica)) return
    if (!this.#wasEverReady) {
      await this.close(isHadalError(error) ? error : engineClosed(messageOf(error)))
      return
    }
    this.#pause(error)
    await this.#end(replica)
  }

  /** Delays the next start. */
  #pause(error: unknown): void {
    this.#failures += 1
    const restartInMillis = Math.min(minRetryMillis * 2 ** (this.#failures - 1), maxRetryMillis)
    this.#options.logger.error('a replica did not start: the others go on', { error, restartInMillis })
    if (this.#isPausing) return
    this.#isPausing = true
    this.#options.clock.sleep(restartInMillis, this.#over.signal).then(
      () => {
        this.#isPausing = false
        this.#fit()
      },
      () => {},
    )
  }

  #leave(replica: Replica): void {
    replica.standing = 'leaving'
    this.#endIfDone(replica)
    this.router.moveWaiting()
  }

  #endIfDone(replica: Replica): void {
    const isDone = replica.standing === 'leaving' && replica.outstanding === 0
    if (isDone && this.#state === 'open') void this.#end(replica)
  }

  async #end(replica: Replica): Promise<void> {
    if (!this.#members.includes(replica)) return
    this.#members = this.#members.filter((each) => each !== replica)
    this.#telling.delete(replica)
    this.router.forget(replica)
    this.#restartsBefore += replica.engine.snapshot().restarts
    const { logger } = this.#options
    logger.info(`replica ${replica.place} is gone: ${this.#members.length} of ${this.#wanted}`)
    try {
      await replica.engine[Symbol.asyncDispose]()
    } catch (error) {
      logger.error('a replica did not close well', { error })
    }
  }

  #report(replica: number, report: StepReport): void {
    this.#steps += 1
    for (const listen of this.#listeners) listen({ ...report, step: this.#steps, replica })
  }

  #inTurn<Value>(change: () => Promise<Value>): Promise<Value> {
    const mine = this.#turn.then(change)
    this.#turn = mine.catch(() => {})
    return mine
  }
}

/** Starting ones first, then the last ones, which get the fewest requests. */
function leavers(staying: readonly Replica[], count: number): Replica[] {
  const rank = ({ standing, place }: Replica): number => (standing === 'serving' ? 0 : 1e6) + place
  return [...staying].sort((one, other) => rank(other) - rank(one)).slice(0, Math.max(0, count))
}
