/** Routes requests to replicas, and moves queued ones to free slots of others. A request holds its replica until it is over. */

import { type Candidate, chooseReplica } from './choose-replica.ts'
import { KnownPrefixes } from './known-prefixes.ts'
import { type Line, planMoves } from './plan-moves.ts'
import type { PromptBlocks } from './prompt-blocks.ts'
import type { Hold, Movable, Replica } from './replica.ts'

export class RequestRouter {
  readonly #members: () => readonly Replica[]
  readonly #released: (replica: Replica) => void
  readonly #prefixes = new KnownPrefixes<Replica>()

  /** `released` is called whenever a hold on a replica is released. */
  constructor(members: () => readonly Replica[], released: (replica: Replica) => void) {
    this.#members = members
    this.#released = released
  }

  /** The best replica for a request with this prefix; undefined if all others have rejected it. */
  take(path: PromptBlocks | undefined, refusedBy: ReadonlySet<Replica>): Hold | undefined {
    const known = path === undefined ? undefined : this.#prefixes.known(path)
    const left = this.#members().filter((each) => !refusedBy.has(each))
    const snapshots = new Map(left.map((each) => [each, each.engine.snapshot()]))
    const candidate = (replica: Replica): Candidate & { readonly replica: Replica } => ({
      replica,
      outstanding: replica.outstanding,
      places: replica.placesOf(snapshots.get(replica)!),
      known: known?.get(replica) ?? 0,
    })
    const isReady = (each: Replica): boolean => snapshots.get(each)!.state === 'ready'
    const serving = left.filter(({ standing }) => standing === 'serving')
    const staying = left.filter(({ standing }) => standing !== 'leaving')
    const meant = [serving.filter(isReady), serving, staying].find(({ length }) => length > 0) ?? []
    const chosen = chooseReplica(meant.map(candidate))?.replica
    if (chosen === undefined) return undefined
    if (path !== undefined) this.learn(chosen, path)
    return this.hold(chosen)
  }

  /** Records that it computes this prefix. */
  learn(replica: Replica, path: PromptBlocks): void {
    this.#prefixes.learn(replica, path)
  }

  /** Its computed prefixes are lost. */
  forget(replica: Replica): void {
    this.#prefixes.forget(replica)
  }

  /** Moves queued requests to free slots. */
  moveWaiting(): void {
    const members = this.#members()
    if (members.length < 2 || members.every(({ unheard }) => unheard.size === 0)) return
    for (const { item, to } of planMoves(members.map(lineOf))) item.move(this.hold(to))
  }

  /** Keeps it open, even during removal, until the hold is released. */
  hold(replica: Replica): Hold {
    replica.outstanding += 1
    let isHeld = true
    return {
      replica,
      [Symbol.dispose]: () => {
        if (!isHeld) return
        isHeld = false
        replica.outstanding -= 1
        this.#released(replica)
        this.moveWaiting()
      },
    }
  }
}

function lineOf(replica: Replica): Line<Movable, Replica> {
  const snapshot = replica.engine.snapshot()
  const { state, running, waiting, slots } = snapshot
  const places = replica.placesOf(snapshot)
  const isOpen = replica.standing === 'serving' && state === 'ready'
  const free = isOpen ? places - replica.outstanding : 0
  if (isOpen && running < places) return { of: replica, free, waiting: [] }
  // The engine reports a shorter queue than there are requests without a slot: the first of them are about to get one.
  const placed = new Set(slots.flatMap(({ id }) => id ?? []))
  const without = [...replica.unheard].filter(({ id }) => !placed.has(id))
  return { of: replica, free, waiting: without.slice(without.length - Math.min(waiting, without.length)) }
}
