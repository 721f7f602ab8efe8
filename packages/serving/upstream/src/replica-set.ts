/** The set of replicas, and the choice of one for a request. Replicas no longer discovered finish their requests. No I/O. */

import { Replica } from './replica.ts'
import type { PromptPrefix } from './route/prompt-prefix.ts'
import { type ReplicaLoad, Router } from './route/router.ts'
import type { BreakerOptions, Routing } from './upstream.ts'

export interface ReplicaSetOptions {
  readonly maxConcurrentPerReplica: number
  readonly breaker: BreakerOptions
  readonly routing: Routing
  readonly loadBound: number
  /**
   * If requests are held while replicas come up, new ones ramp up gradually: the whole backlog would overload the first one.
   */
  readonly holdMillis: number
}

export class ReplicaSet {
  readonly router: Router
  readonly #options: ReplicaSetOptions
  #replicas: ReadonlyMap<string, Replica> = new Map()

  constructor(options: ReplicaSetOptions) {
    this.#options = options
    this.router = new Router(options)
  }

  get all(): readonly Replica[] {
    return [...this.#replicas.values()]
  }

  get(url: string): Replica | undefined {
    return this.#replicas.get(url)
  }

  /** Sets the replicas. Existing ones keep their state. Returns the added and removed ones. */
  update(
    urls: readonly string[],
    now: number,
  ): { readonly came: readonly Replica[]; readonly went: readonly Replica[] } {
    const { maxConcurrentPerReplica, breaker, holdMillis } = this.#options
    const risesSince = holdMillis > 0 ? now : undefined
    const before = this.#replicas
    const names = [...new Set(urls)].sort()
    this.#replicas = new Map(
      names.map((url) => [
        url,
        before.get(url) ?? new Replica(url, maxConcurrentPerReplica, breaker, risesSince),
      ]),
    )
    const came = names.filter((url) => !before.has(url)).map((url) => this.#replicas.get(url)!)
    const went = [...before.values()].filter(({ url }) => !this.#replicas.has(url))
    if (came.length + went.length > 0) this.router.setReplicas(names)
    return { came, went }
  }

  /** A replica with a free slot: an untried one as long as any is healthy, even if that means waiting. */
  pick(now: number, tried: ReadonlySet<string>, prompt?: PromptPrefix): Replica | undefined {
    const well = this.#well(now)
    const untried = well.filter(({ url }) => !tried.has(url))
    const candidates = (untried.length > 0 ? untried : well).filter((replica) => !replica.isResting(now))
    const url = this.router.pick(loadsOf(candidates, now), loadsOf(well, now), prompt)
    return url === undefined ? undefined : this.#replicas.get(url)
  }

  /** Another one with a free slot right now. */
  spare(now: number, tried: ReadonlySet<string>): Replica | undefined {
    const candidates = this.#well(now).filter(({ url }) => !tried.has(url))
    const free = candidates.filter(
      (replica) => !replica.isResting(now) && replica.outstanding < replica.placesAt(now),
    )
    return free.sort((a, b) => a.outstanding - b.outstanding)[0]
  }

  /** Whether a healthy one is untried. */
  hasUntried(now: number, tried: ReadonlySet<string>): boolean {
    return this.#well(now).some(({ url }) => !tried.has(url))
  }

  places(now: number): { readonly total: number; readonly free: number } {
    let [total, free] = [0, 0]
    for (const replica of this.#well(now)) {
      total += replica.places
      if (!replica.isResting(now)) free += Math.max(0, replica.placesAt(now) - replica.outstanding)
    }
    return { total, free }
  }

  /** When a slot may become free merely because time passes. */
  changesAt(now: number): number | undefined {
    const moments = this.all.flatMap((replica) => replica.changesAt(now) ?? [])
    return moments.length === 0 ? undefined : Math.min(...moments)
  }

  #well(now: number): readonly Replica[] {
    return this.all.filter((replica) => replica.isWell(now))
  }
}

const loadsOf = (replicas: readonly Replica[], now: number): readonly ReplicaLoad[] =>
  replicas.map((replica) => ({
    url: replica.url,
    outstanding: replica.outstanding,
    places: replica.placesAt(now),
  }))
