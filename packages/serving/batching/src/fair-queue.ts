/**
 * The bounded queue in front of an engine. The next request has the most urgent priority; within it comes the key with the
 * least service for its weight (`FairShares`), then the least-served user of that key, then the earliest deadline. Waiting
 * raises a request's urgency, but not above the most urgent waiting request, so there is no starvation; beyond that, shares
 * decide, otherwise a flood with some old requests would always go first. Rejects immediately when full. Time is an argument.
 */

import { FairShares, type WeightOf } from './fair-shares.ts'
import { urgency } from './urgency.ts'

/** The queueing attributes of a request. */
export interface QueuePlace {
  /** Lower goes first, as in vLLM. */
  readonly priority: number
  /** The key it belongs to: keys share the capacity by their weights. */
  readonly key: string
  /** Users share the capacity of their key equally. */
  readonly user?: string
  /** Deadline in milliseconds after which it is worthless; absent: none. */
  readonly dueAt?: number
  /** Estimated cost of serving it; `correct` adjusts it later to the actual cost. */
  readonly tokens: number
}

export interface Waiting<Item> {
  readonly item: Item
  readonly place: QueuePlace
  readonly arrivedAt: number
}

interface Ticketed<Item> extends Waiting<Item> {
  /** Key and user. */
  readonly user: string
  /** Arrival counter. */
  readonly ticket: number
  /** Sort key within a key's requests. */
  readonly orderAt: number
}

/** What a key has queued. */
interface InLine {
  count: number
  tokens: number
}

export interface FairQueueOptions {
  readonly maxQueue: number
  readonly weightOf?: WeightOf
  /** Waiting time that raises urgency by one priority; infinite for strict priorities. */
  readonly agingMillis?: number
}

/** Requests without a deadline are ordered as if due after this time, so that others cannot push them back for ever. */
const patienceMillis = 60_000
const defaultAgingMillis = 10_000
/** As a multiple of `maxQueue`: a full queue still accepts keys below their share of it, up to this length. */
const fullest = 2

/**
 * The bounded queue in front of a server: the most urgent priority first, then the key with the least service for its weight,
 * then the earliest deadline.
 *
 * @example
 * ```ts
 * import { FairQueue } from '@hadal/batching'
 *
 * const queue = new FairQueue<string>({ maxQueue: 100 })
 * queue.offer('first', { priority: 0, key: 'team-a', tokens: 500 }, 0) // the time in milliseconds
 * queue.offer('urgent', { priority: -1, key: 'team-b', tokens: 20 }, 1)
 * queue.take(2)?.item // → 'urgent'
 * ```
 */
export class FairQueue<Item> {
  readonly maxQueue: number
  readonly #agingMillis: number
  readonly #weightOf: WeightOf
  readonly #shares: FairShares
  readonly #userShares = new FairShares()
  /** By priority and key, each sorted; none is empty. */
  readonly #lines = new Map<string, Ticketed<Item>[]>()
  readonly #waiting = new Map<Item, Ticketed<Item>>()
  /** Taken and not yet done. */
  readonly #serving = new Map<Item, Ticketed<Item>>()
  readonly #ofKeys = new Map<string, InLine>()
  /** Sorted arrival times by priority; queues of thousands are consulted for every arrival. */
  readonly #arrivalsOf = new Map<number, number[]>()
  /** The earliest deadline in the queue, where known. */
  #nextDue: number | undefined
  #dueIsKnown = true
  #arrivals = 0

  constructor({ maxQueue, weightOf = () => 1, agingMillis = defaultAgingMillis }: FairQueueOptions) {
    this.maxQueue = maxQueue
    this.#weightOf = weightOf
    this.#agingMillis = agingMillis
    this.#shares = new FairShares(weightOf)
  }

  get size(): number {
    return this.#waiting.size
  }

  /** Waiting requests, in order of arrival. */
  get waiting(): Iterable<Waiting<Item>> {
    return this.#waiting.values()
  }

  /** Number of requests served before one that arrived now: all that are as urgent, or, if fewer, those whose turn precedes this key's. */
  ahead(priority: number, now: number, key?: string): number {
    let count = 0
    for (const [other, arrivals] of this.#arrivalsOf) {
      const needed = (other - priority) * this.#agingMillis
      count += other <= priority ? arrivals.length : notAfter(arrivals, now - needed)
    }
    return key === undefined ? count : Math.min(count, this.#aheadByShares(priority, key))
  }

  /** Upper bound, from the average cost of each key's requests. */
  #aheadByShares(priority: number, key: string): number {
    const own = this.#ofKeys.get(key)
    const turn = this.#shares.of(key) + (own?.tokens ?? 0) / this.#weightOf(key)
    const equals = new Map<string, number>()
    let count = own?.count ?? 0
    for (const line of this.#lines.values()) {
      const { place } = line[0]!
      if (place.key === key) continue
      if (place.priority < priority) count += line.length
      else equals.set(place.key, (equals.get(place.key) ?? 0) + line.length)
    }
    for (const [other, waiting] of equals) {
      const { count: all, tokens } = this.#ofKeys.get(other)!
      const lead = (turn - this.#shares.of(other)) * this.#weightOf(other)
      count += Math.min(waiting, Math.max(0, Math.floor((lead * all) / Math.max(1, tokens)) + 1))
    }
    return count
  }

  /** Most urgent priority in the queue; undefined if it is empty. */
  get minPriority(): number | undefined {
    return this.size === 0 ? undefined : Math.min(...this.#arrivalsOf.keys())
  }

  /**
   * Whether the queue cannot take one more. Requests that get one of `freePlaces` immediately do not count. A key below its
   * share of a full queue is still accepted, so that no other key can lock it out.
   */
  isFull(freePlaces = 0, key?: string): boolean {
    const waiting = this.size - freePlaces
    if (waiting < this.maxQueue) return false
    return key === undefined || waiting >= fullest * this.maxQueue || !this.#hasLessThanItsShare(key)
  }

  #hasLessThanItsShare(key: string): boolean {
    let weights = this.#ofKeys.has(key) ? 0 : this.#weightOf(key)
    for (const other of this.#ofKeys.keys()) weights += this.#weightOf(other)
    return (this.#ofKeys.get(key)?.count ?? 0) < (this.maxQueue * this.#weightOf(key)) / weights
  }

  /** Returns false, without queueing, if the queue is full. Requests that get one of `freePlaces` immediately do not count. */
  offer(item: Item, place: QueuePlace, now: number, freePlaces = 0): boolean {
    if (this.isFull(freePlaces, place.key)) return false
    const orderAt = place.dueAt ?? now + patienceMillis
    const user = userOf(place)
    const waiting = { item, place, user, arrivedAt: now, ticket: this.#arrivals, orderAt }
    this.#arrivals += 1
    const name = lineOf(waiting)
    const line = this.#lines.get(name)
    if (line === undefined) this.#lines.set(name, [waiting])
    else insert(line, waiting)
    this.#waiting.set(item, waiting)
    const ofKey = this.#ofKeys.get(place.key) ?? { count: 0, tokens: 0 }
    this.#ofKeys.set(place.key, ofKey)
    ofKey.count += 1
    ofKey.tokens += place.tokens
    const arrivals = this.#arrivalsOf.get(place.priority)
    if (arrivals === undefined) this.#arrivalsOf.set(place.priority, [now])
    else arrivals.push(now)
    if (place.dueAt !== undefined) this.#nextDue = Math.min(this.#nextDue ?? place.dueAt, place.dueAt)
    this.#shares.join(place.key)
    this.#userShares.join(user)
    return true
  }

  /** The next request, without removing it. */
  peek(now: number): Waiting<Item> | undefined {
    return this.#next(now)
  }

  /** Arrival time of the longest-waiting request. */
  get oldestArrivedAt(): number | undefined {
    const [first] = this.#waiting.values()
    return first?.arrivedAt
  }

  /** Takes the next request; it counts as being served until `done`. */
  take(now: number): Waiting<Item> | undefined {
    const next = this.#next(now)
    if (next === undefined) return undefined
    if (this.#arrivalsOf.size > 1) this.#liftOthers(next, now)
    this.#takeOut(next)
    this.#start(next)
    this.#serving.set(next.item, next)
    this.#serve(next, next.place.tokens)
    return next
  }

  /** Serving it took this many more (or, if negative, fewer) tokens than estimated. */
  correct(item: Item, tokens: number): void {
    const served = this.#serving.get(item)
    if (served !== undefined) this.#serve(served, tokens)
  }

  /** A request that was taken has ended. */
  done(item: Item): void {
    const served = this.#serving.get(item)
    if (served === undefined) return
    this.#serving.delete(item)
    this.#leave(served)
  }

  /** Removes a request; false if it is not queued. */
  remove(item: Item): boolean {
    const waiting = this.#waiting.get(item)
    if (waiting === undefined) return false
    this.#takeOut(waiting)
    this.#start(waiting)
    this.#leave(waiting)
    return true
  }

  /** The earliest deadline of a waiting request. */
  get nextDue(): number | undefined {
    if (!this.#dueIsKnown) {
      let next: number | undefined
      for (const { place } of this.#waiting.values())
        if (place.dueAt !== undefined) next = Math.min(next ?? place.dueAt, place.dueAt)
      this.#nextDue = next
      this.#dueIsKnown = true
    }
    return this.#nextDue
  }

  /** Removes and returns requests with a deadline passed at `now`, in order of arrival. */
  removeLate(now: number): Item[] {
    const { nextDue } = this
    if (nextDue === undefined || nextDue > now) return []
    return this.clear((_, { dueAt }) => dueAt !== undefined && dueAt <= now)
  }

  /** Removes all matching requests and returns them in order of arrival. */
  clear(isMeant: (item: Item, place: QueuePlace) => boolean = () => true): Item[] {
    const items = [...this.#waiting.values()].filter(({ item, place }) => isMeant(item, place))
    for (const { item } of items) this.remove(item)
    return items.map(({ item }) => item)
  }

  #serve({ place, user }: Ticketed<Item>, tokens: number): void {
    this.#shares.serve(place.key, tokens)
    this.#userShares.serve(user, tokens)
  }

  #start({ place, user }: Ticketed<Item>): void {
    this.#shares.start(place.key)
    this.#userShares.start(user)
  }

  #leave({ place, user }: Ticketed<Item>): void {
    this.#shares.leave(place.key)
    this.#userShares.leave(user)
  }

  #next(now: number): Ticketed<Item> | undefined {
    const top = this.minPriority ?? 0
    let best: Ticketed<Item> | undefined
    for (const line of this.#lines.values())
      if (best === undefined || this.#compare(line[0]!, best, now, top) < 0) best = line[0]
    return best
  }

  /**
   * Keys without a request as urgent as the next one have no claim to the service given meanwhile, otherwise they would receive
   * all of it later.
   */
  #liftOthers(next: Ticketed<Item>, now: number): void {
    const top = this.minPriority!
    const rank = ({ place, arrivedAt }: Ticketed<Item>): number =>
      Math.max(top, this.#urgency(place.priority, arrivedAt, now))
    const asUrgent = new Set<string>()
    for (const [first] of this.#lines.values()) if (rank(first!) <= rank(next)) asUrgent.add(first!.place.key)
    const least = this.#shares.of(next.place.key)
    for (const key of this.#ofKeys.keys()) if (!asUrgent.has(key)) this.#shares.lift(key, least)
  }

  #takeOut(waiting: Ticketed<Item>): void {
    const { item, place, arrivedAt } = waiting
    this.#waiting.delete(item)
    const arrivals = this.#arrivalsOf.get(place.priority)!
    arrivals.splice(notAfter(arrivals, arrivedAt) - 1, 1)
    if (arrivals.length === 0) this.#arrivalsOf.delete(place.priority)
    if (place.dueAt !== undefined && place.dueAt === this.#nextDue) this.#dueIsKnown = false
    const ofKey = this.#ofKeys.get(place.key)!
    ofKey.count -= 1
    ofKey.tokens -= place.tokens
    if (ofKey.count === 0) this.#ofKeys.delete(place.key)
    const name = lineOf(waiting)
    const line = this.#lines.get(name)!
    line.splice(line.indexOf(waiting), 1)
    if (line.length === 0) this.#lines.delete(name)
  }

  /** `top`: the most urgent waiting priority; aging does not go beyond it. */
  #compare(a: Ticketed<Item>, b: Ticketed<Item>, now: number, top: number): number {
    const urgencyOfA = this.#urgency(a.place.priority, a.arrivedAt, now)
    const urgencyOfB = this.#urgency(b.place.priority, b.arrivedAt, now)
    return (
      Math.max(top, urgencyOfA) - Math.max(top, urgencyOfB) ||
      this.#shares.of(a.place.key) - this.#shares.of(b.place.key) ||
      this.#userShares.of(a.user) - this.#userShares.of(b.user) ||
      urgencyOfA - urgencyOfB ||
      a.orderAt - b.orderAt ||
      a.ticket - b.ticket
    )
  }

  /** Lower is more urgent. */
  #urgency(priority: number, arrivedAt: number, now: number): number {
    return urgency(priority, now - arrivedAt, this.#agingMillis)
  }
}

const userOf = ({ key, user = '' }: QueuePlace): string => JSON.stringify([key, user])
const lineOf = ({ place, user }: { place: QueuePlace; user: string }): string => `${place.priority} ${user}`

function insert<Item>(line: Ticketed<Item>[], waiting: Ticketed<Item>): void {
  const ahead = line.findLastIndex((other) => other.orderAt <= waiting.orderAt)
  line.splice(ahead + 1, 0, waiting)
}

/** How many of these sorted values are at most `most`. */
function notAfter(values: readonly number[], most: number): number {
  let [low, high] = [0, values.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (values[middle]! <= most) low = middle + 1
    else high = middle
  }
  return low
}
