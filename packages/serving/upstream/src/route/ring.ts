/**
 * Consistent hashing: each name has many points on a ring, and a key belongs to the name of the next point. Adding or removing
 * a name moves only its own keys (Karger et al. 1997).
 */

import { hashOf } from '@hadal/batching'

const pointsEach = 128

interface Point {
  readonly at: number
  readonly name: string
}

export class Ring {
  readonly #points: readonly Point[]

  constructor(names: readonly string[]) {
    const points = names.flatMap((name) =>
      Array.from({ length: pointsEach }, (_, point) => ({ at: hashOf(`${point} ${name}`), name })),
    )
    this.#points = points.sort((a, b) => a.at - b.at || (a.name < b.name ? -1 : 1))
  }

  /** Every name once, in the order of preference for the key. */
  *from(key: number): Generator<string> {
    const seen = new Set<string>()
    const first = this.#firstFrom(key)
    for (let step = 0; step < this.#points.length; step += 1) {
      const { name } = this.#points[(first + step) % this.#points.length]!
      if (seen.has(name)) continue
      seen.add(name)
      yield name
    }
  }

  #firstFrom(key: number): number {
    let [low, high] = [0, this.#points.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#points[middle]!.at < key) low = middle + 1
      else high = middle
    }
    return low
  }
}
