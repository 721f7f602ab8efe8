/**
 * Tracks which engine steps a sequence was in. An engine reports batch sizes per step and slot holders at any time; they are combined once
 * per step for all followers. Free without followers.
 */

import type { Engine, StepReport } from '@hadal/engine'

/** Called for each step of the sequence. */
export interface StepFollower {
  step(report: StepReport): void
}

class StepWatch {
  readonly #engine: Engine
  /** By sequence id. */
  readonly #followers = new Map<string, StepFollower>()
  /** Slot holders, with their replica index if there are several. */
  #placed: ReadonlyMap<string, number | undefined> = new Map()
  #watching: Disposable | undefined

  constructor(engine: Engine) {
    this.#engine = engine
  }

  follow(id: string, follower: StepFollower): Disposable {
    this.#followers.set(id, follower)
    this.#watching ??= this.#engine.onStep((report) => this.#notify(report))
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

  #notify(report: StepReport): void {
    if (report.isPass === true) return
    const before = this.#placed
    const { slots } = this.#engine.snapshot()
    this.#placed = new Map(slots.flatMap(({ id, replica }) => (id === undefined ? [] : [[id, replica]])))
    // A sequence that no longer has a slot was in the step that ended it.
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
