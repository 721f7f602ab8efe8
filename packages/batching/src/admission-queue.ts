/**
 * The bounded waiting line in front of an engine. Says no at once when full, and when to come back. Time is an argument;
 * knows nothing of what waits in it.
 */

/** Who goes first: negative when `a` does. Must be a total order; the order of arrival breaks what it leaves equal. */
export type QueueOrder<Item> = (a: Waiting<Item>, b: Waiting<Item>) => number

export interface Waiting<Item> {
  readonly item: Item
  readonly arrivedAt: number
  /** Counts arrivals. */
  readonly ticket: number
}

export const firstInFirstOut: QueueOrder<unknown> = (a, b) => a.ticket - b.ticket

export class AdmissionQueue<Item> {
  readonly maxQueue: number
  readonly #order: QueueOrder<Item>
  #line: Waiting<Item>[] = []
  #arrivals = 0

  constructor(maxQueue: number, order: QueueOrder<Item> = firstInFirstOut) {
    this.maxQueue = maxQueue
    this.#order = order
  }

  get size(): number {
    return this.#line.length
  }

  /** False when the line is full: nothing was queued. Who will have one of `freePlaces` right away does not count. */
  offer(item: Item, now: number, freePlaces = 0): boolean {
    if (this.#line.length - freePlaces >= this.maxQueue) return false
    const waiting = { item, arrivedAt: now, ticket: this.#arrivals }
    this.#arrivals += 1
    const ahead = this.#line.findLastIndex((other) => this.#order(waiting, other) >= 0)
    this.#line.splice(ahead + 1, 0, waiting)
    return true
  }

  /** Who is next, without taking it out. */
  peek(): Waiting<Item> | undefined {
    return this.#line[0]
  }

  take(): Waiting<Item> | undefined {
    return this.#line.shift()
  }

  /** Someone left the line; false when not in it. */
  remove(item: Item): boolean {
    const at = this.#line.findIndex((waiting) => waiting.item === item)
    if (at >= 0) this.#line.splice(at, 1)
    return at >= 0
  }

  /** Takes out all those who are meant; who they were, in order. */
  clear(isMeant: (item: Item) => boolean = () => true): Item[] {
    const items = this.#line.map((waiting) => waiting.item).filter(isMeant)
    this.#line = this.#line.filter((waiting) => !isMeant(waiting.item))
    return items
  }
}
