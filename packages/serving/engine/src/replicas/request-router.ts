/**
 * Which replica gets which request, and who moves from one line to another's free places. Whoever got one holds it until the request
 * is over. Knows nothing of how replicas come and go.
 */

import { type Candidate, chooseReplica } from './choose-replica.ts'
import { KnownBeginnings } from './known-beginnings.ts'
import { type Line, planMoves } from './plan-moves.ts'
import type { PromptBlocks } from './prompt-blocks.ts'
import type { Hold, Movable, Replica } from './replica.ts'

export class RequestRouter {
  readonly #members: () => readonly Replica[]
  readonly #released: (replica: Replica) => void
  readonly #beginnings = new KnownBeginnings<Replica>()

  /** `released` is told of each that one less holds. */
  constructor(members: () => readonly Replica[], released: (replica: Replica) => void) {
    this.#members = members
    this.#released = released
  }

  /** The best for a request that begins like this; undefined where all others have refused it. */
  take(path: PromptBlocks | undefined, refusedBy: ReadonlySet<Replica>): Hold | undefined {
    const known = path === undefined ? undefined : this.#beginnings.known(path)
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

  /** It computes one that begins like this. */
  learn(replica: Replica, path: PromptBlocks): void {
    this.#beginnings.learn(replica, path)
  }

  /** What it had computed is lost. */
  forget(replica: Replica): void {
    this.#beginnings.forget(replica)
  }

  /** Who waits in a line goes where there is a place. */
  moveWaiting(): void {
    const members = this.#members()
    if (members.length < 2 || members.every(({ unheard }) => unheard.size === 0)) return
    for (const { item, to } of planMoves(members.map(lineOf))) item.move(this.hold(to))
  }

  /** Keeps it open, also while it leaves, until the hold is given back. */
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
  // Of those that have no place the first are on their way to one, as far as their engine says that fewer wait.
  const placed = new Set(slots.flatMap(({ id }) => id ?? []))
  const without = [...replica.unheard].filter(({ id }) => !placed.has(id))
  return { of: replica, free, waiting: without.slice(without.length - Math.min(waiting, without.length)) }
}
