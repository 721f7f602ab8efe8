/**
 * Chooses the replica of a request: round robin, least outstanding, or by prompt prefix. The last is consistent hashing with
 * bounded loads (Mirrokni, Thorup, Zadimoghaddam 2016, https://arxiv.org/abs/1608.01350): a replica with more than `loadBound`
 * times the mean load, and more than a few requests, is skipped for the next one on the ring. No I/O and no clock.
 */

import type { Routing } from '../upstream.ts'
import { PrefixOwners } from './prefix-owners.ts'
import type { PromptPrefix } from './prompt-prefix.ts'
import { Ring } from './ring.ts'

/** A healthy replica. */
export interface ReplicaLoad {
  readonly url: string
  readonly outstanding: number
  /** Its concurrency limit. */
  readonly places: number
}

export interface RouterOptions {
  readonly routing: Routing
  readonly loadBound: number
}

export class Router {
  hits = 0
  misses = 0
  readonly #options: RouterOptions
  readonly #owners = new PrefixOwners()
  #ring = new Ring([])
  #turn = 0

  constructor(options: RouterOptions) {
    this.#options = options
  }

  /** All replicas, healthy or not: one that is briefly away keeps its keys. */
  setReplicas(urls: readonly string[]): void {
    if (this.#options.routing === 'prefix') this.#ring = new Ring(urls)
  }

  /** Undefined if none has a free slot. `all`: every healthy replica, for the mean load. */
  pick(
    candidates: readonly ReplicaLoad[],
    all: readonly ReplicaLoad[],
    prompt?: PromptPrefix,
  ): string | undefined {
    const free = candidates.filter(({ outstanding, places }) => outstanding < places)
    if (free.length <= 1) return free[0]?.url
    if (this.#options.routing === 'prefix' && prompt !== undefined) return this.#byPrefix(free, all, prompt)
    this.#turn += 1
    if (this.#options.routing === 'roundRobin') return free[this.#turn % free.length]!.url
    return leastOutstanding(free, this.#turn)
  }

  /** It responds to a prompt, so it has the prefix now. */
  learn(prompt: PromptPrefix, url: string, isThere: (url: string) => boolean): void {
    this.#owners.learn(prompt.blocks, url, isThere)
  }

  #byPrefix(free: readonly ReplicaLoad[], all: readonly ReplicaLoad[], prompt: PromptPrefix): string {
    const outstanding = all.reduce((sum, each) => sum + each.outstanding, 0)
    const bound = Math.ceil((this.#options.loadBound * (outstanding + 1)) / all.length)
    const isTaking = (each: ReplicaLoad): boolean => each.outstanding < Math.max(bound, fewOf(each))
    const takers = new Set(free.filter(isTaking).map(({ url }) => url))
    const known = this.#owners.find(prompt.blocks, (owner) => takers.has(owner))
    if (known !== undefined) {
      this.hits += 1
      return known.owner
    }
    this.misses += 1
    for (const url of this.#ring.from(prompt.key)) if (takers.has(url)) return url
    return leastOutstanding(free, 0)
  }
}

/** A load that always counts as low: with little traffic the mean is below one. */
const fewOf = ({ places }: ReplicaLoad): number => Math.max(2, Math.floor(places / 8))

/** Round robin among equals. */
function leastOutstanding(free: readonly ReplicaLoad[], turn: number): string {
  const least = Math.min(...free.map(({ outstanding }) => outstanding))
  const idlest = free.filter(({ outstanding }) => outstanding === least)
  return idlest[turn % idlest.length]!.url
}
