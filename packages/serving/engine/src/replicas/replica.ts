/** The state of one replica, from starting to removed, and its users. Decisions are made in `replica-set.ts`. */

import type { Engine, EngineSnapshot } from '../engine.ts'

/** `leaving`: it gets no new requests, and is closed once its requests have ended. */
export type ReplicaStanding = 'starting' | 'serving' | 'leaving'

/** A request without any result yet: it can move to another replica and lose only its queue position. */
export interface Movable {
  /** Its id within the engine. */
  readonly id: string
  move(to: Hold): void
}

/** Keeps a replica open until released. */
export interface Hold extends Disposable {
  readonly replica: Replica
}

export class Replica {
  /** From 0 on; reused after its removal. */
  readonly place: number
  readonly engine: Engine
  standing: ReplicaStanding = 'starting'
  /** Number of holds, by requests and questions. */
  outstanding = 0
  /** In order of arrival. */
  readonly unheard: Set<Movable> = new Set()

  constructor(place: number, engine: Engine) {
    this.place = place
    this.engine = engine
  }

  /** Its maximum number of concurrent requests. */
  placesOf(snapshot: EngineSnapshot): number {
    return this.engine.limits?.maxBatchSize ?? snapshot.maxBatchSize
  }
}
