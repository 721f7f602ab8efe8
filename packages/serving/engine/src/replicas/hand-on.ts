/**
 * Forwards a request to a replica: to another one if that rejects it, or if another one has a free slot before the request got
 * any result. Time spent in earlier queues counts towards the deadline.
 */

import type { Clock } from '@hadal/base'
import type { Engine, GenerateEvent, GenerateRequest, Scheduling } from '../engine.ts'
import { EventChannel } from '../llama/event-channel.ts'
import { AnotherTry } from './another-try.ts'
import { promptBlocks } from './prompt-blocks.ts'
import type { Hold } from './replica.ts'
import type { ReplicaSet } from './replica-set.ts'

export interface HandOnOptions {
  readonly set: ReplicaSet
  readonly clock: Clock
  /** A request completed, after this time. */
  readonly onEnd: (millis: number) => void
}

/** As `Engine.generate`. */
export function handOn(
  { set, clock, onEnd }: HandOnOptions,
  request: GenerateRequest,
  signal: AbortSignal | undefined,
): AsyncIterable<GenerateEvent> {
  return new EventChannel((channel) => {
    set.check()
    const left = new AbortController()
    const over = signal === undefined ? left.signal : AbortSignal.any([signal, left.signal])
    carry(channel, over).then(
      () => channel.close(),
      (error: unknown) => channel.fail(error),
    )
    return () => left.abort()
  })

  async function carry(channel: EventChannel<GenerateEvent>, over: AbortSignal): Promise<void> {
    const begunAt = clock.now()
    const path = promptBlocks(request)
    const tries = new AnotherTry(set)
    let moved: Hold | undefined
    for (;;) {
      const attempt = new Attempt(moved ?? tries.next(path), request, clock.now() - begunAt)
      const outcome = await attempt.run(channel, over, tries)
      if (outcome === 'ended') break
      moved = outcome === 'refused' ? undefined : outcome
      if (moved !== undefined) set.router.learn(moved.replica, path)
    }
    if (!over.aborted) onEnd(clock.now() - begunAt)
  }
}

/** A request at one replica. */
class Attempt {
  readonly #hold: Hold
  readonly #request: GenerateRequest
  readonly #waitedMillis: number
  readonly #moving = new AbortController()
  /** The replica to continue at. */
  #next: Hold | undefined

  /** Releases the hold. */
  constructor(hold: Hold, request: GenerateRequest, waitedMillis: number) {
    this.#hold = hold
    this.#request = request
    this.#waitedMillis = waitedMillis
  }

  get id(): string {
    return this.#request.id
  }

  move(to: Hold): void {
    this.#hold.replica.unheard.delete(this)
    this.#next = to
    this.#moving.abort()
  }

  /** Throws errors that end the request. */
  async run(
    channel: EventChannel<GenerateEvent>,
    over: AbortSignal,
    tries: AnotherTry,
  ): Promise<'ended' | 'refused' | Hold> {
    const { replica } = this.#hold
    const signal = AbortSignal.any([over, this.#moving.signal])
    const request = { ...this.#request, ...leftOf(this.#request, this.#waitedMillis) }
    let isHeard = false
    replica.unheard.add(this)
    try {
      for await (const event of replica.engine.generate(request, signal)) {
        // Output for a reader that has left is dropped.
        if (this.#next !== undefined && !over.aborted) return this.#take(this.#next)
        isHeard = true
        replica.unheard.delete(this)
        channel.push(event.type === 'done' ? withWait(event, this.#waitedMillis) : event)
      }
      return 'ended'
    } catch (error) {
      if (this.#next !== undefined && !over.aborted) return this.#take(this.#next)
      if (isHeard) throw error
      tries.failed(replica, error)
      return 'refused'
    } finally {
      replica.unheard.delete(this)
      this.#next?.[Symbol.dispose]()
      this.#hold[Symbol.dispose]()
    }
  }

  #take(next: Hold): Hold {
    this.#next = undefined
    return next
  }
}

/** For results in one piece: as `Engine.embed` and the like. */
export async function askOne<Answer>(
  set: ReplicaSet,
  ask: (engine: Engine) => Promise<Answer>,
): Promise<Answer> {
  const tries = new AnotherTry(set)
  for (;;) {
    using hold = tries.next()
    try {
      return await ask(hold.replica.engine)
    } catch (error) {
      tries.failed(hold.replica, error)
    }
  }
}

/** The remaining time until the deadline. */
export function leftOf({ deadlineMillis }: Scheduling, waitedMillis: number): Scheduling {
  return deadlineMillis === undefined ? {} : { deadlineMillis: Math.max(0, deadlineMillis - waitedMillis) }
}

function withWait(event: Extract<GenerateEvent, { type: 'done' }>, waitedMillis: number): GenerateEvent {
  const { timings } = event
  return { ...event, timings: { ...timings, queueMillis: timings.queueMillis + waitedMillis } }
}
