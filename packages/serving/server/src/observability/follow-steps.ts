/**
 * Which steps of an engine a sequence was in. An engine tells of each step how many were in it, and at any time who has a
 * place: the two are put together here, once for each step, however many are followed. Costs nothing while nobody is.
 */

import type { Engine, StepReport } from '@hadal/engine'

/** Told of each step that a sequence was in. */
export interface StepFollower {
  step(report: StepReport): void
}

class StepWatch {
  readonly #engine: Engine
  /** By the id of their sequence. */
  readonly #followers = new Map<string, StepFollower>()
  /** Of those that had a place: in which replica, where there are several. */
  #placed: ReadonlyMap<string, number | undefined> = new Map()
  #watching: Disposable | undefined

  constructor(engine: Engine) {
    this.#engine = engine
  }

  follow(id: string, follower: StepFollower): Disposable {
    this.#followers.set(id, follower)
    this.#watching ??= this.#engine.onStep((report) => this.#tell(report))
    return {
      [Symbol.dispose]: () => {
        this.#followers.delete(id)
        if (this.#followers.size > 0) return
        this.#watching?.[Symbol.dispose]()
        this.#watching = undefined
        this.#placed = new Map()
      },
    }
  }

  #tell(report: StepReport): void {
    if (report.isPass === true) return
    const before = this.#placed
    const { slots } = this.#engine.snapshot()
    this.#placed = new Map(slots.flatMap(({ id, replica }) => (id === undefined ? [] : [[id, replica]])))
    // Who had a place and has none now was in the step that ended it.
    for (const [id, follower] of this.#followers)
      for (const places of [this.#placed, before])
        if (places.has(id) && places.get(id) === report.replica) {
          follower.step(report)
          break
        }
  }
}

const watches = new WeakMap<Engine, StepWatch>()

export function followSteps(engine: Engine, id: string, follower: StepFollower): Disposable {
  const watch = watches.get(engine) ?? new StepWatch(engine)
  watches.set(engine, watch)
  return watch.follow(id, follower)
}
