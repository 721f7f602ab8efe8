/** One of several engines of a model: where it is between started and gone, and who uses it. Decides nothing: `replica-set.ts` does. */

import type { Engine, EngineSnapshot } from '../engine.ts'

/** `leaving`: it gets nothing new, and is closed once it has done what it has. */
export type ReplicaStanding = 'starting' | 'serving' | 'leaving'

/** A request that has heard nothing of its replica yet: it can go to another one, and lose nothing but its place in line. */
export interface Movable {
  /** As its engine knows it. */
  readonly id: string
  move(to: Hold): void
}

/** Keeps a replica until it is given back. */
export interface Hold extends Disposable {
  readonly replica: Replica
}

export class Replica {
  /** From 0 on; free again when it is gone. */
  readonly place: number
  readonly engine: Engine
  standing: ReplicaStanding = 'starting'
  /** Who holds it: requests and questions. */
  outstanding = 0
  /** In the order they came. */
  readonly unheard: Set<Movable> = new Set()

  constructor(place: number, engine: Engine) {
    this.place = place
    this.engine = engine
  }

  /** Requests that it computes at the same time. */
  placesOf(snapshot: EngineSnapshot): number {
    return this.engine.limits?.maxBatchSize ?? snapshot.maxBatchSize
  }
}
