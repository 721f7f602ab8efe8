/** Recent steps of all engines, with a lane per sequence from its first to its last step. Bounded in steps and sequences. */

import type { LiveMember, LiveStep, StepsEvent } from '@hadal/protocol'

export interface LoggedMember extends Omit<LiveMember, 'sequence' | 'sharedWith'> {
  readonly id: string
  readonly request: string | undefined
  readonly lane: number
  /** The lane of the sequence that it has its first tokens in common with. */
  readonly sharedLane: number | undefined
  readonly sharedId: string | undefined
  /** Its first step in this log. */
  readonly isFirst: boolean
}

export interface LoggedStep extends Omit<LiveStep, 'members' | 'preempted'> {
  /** Counts all steps that were ever logged. */
  readonly index: number
  readonly startAt: number
  readonly members: readonly LoggedMember[]
  readonly preempted: readonly {
    readonly id: string
    readonly request: string | undefined
    readonly lane: number
  }[]
  /** Whether the engine reported the members of the batch. */
  readonly hasMembers: boolean
}

interface Lane {
  readonly lane: number
  lastAt: number
  /** Steps of its engine since. */
  missed: number
  isAside: boolean
}

const maxSteps = 3000
const maxMembers = 48_000
/** A sequence that is in none of `goneSteps` steps has ended: sequences with other adapters take turns. A preempted one may resume. */
const goneSteps = 12
const asideMillis = 60_000
const maxLanes = 512

export class StepLog {
  #steps: LoggedStep[] = []
  #members = 0
  #index = 0
  #leftOut = 0
  readonly #lanes = new Map<string, Lane>()
  readonly #listeners = new Set<() => void>()

  /** The oldest first. */
  get steps(): readonly LoggedStep[] {
    return this.#steps
  }

  /** Steps that the server could not report. */
  get leftOut(): number {
    return this.#leftOut
  }

  /** Maximum number of concurrent lanes among logged steps. */
  get lanes(): number {
    let most = 0
    for (const { lane } of this.#lanes.values()) most = Math.max(most, lane + 1)
    for (const { members } of this.#steps.slice(-400))
      for (const { lane } of members) most = Math.max(most, lane + 1)
    return most
  }

  add({ steps, sequences, leftOut }: StepsEvent): void {
    this.#leftOut += leftOut
    for (const step of steps) this.#log(step, sequences)
    this.#forget()
    for (const listen of [...this.#listeners]) listen()
  }

  clear(): void {
    this.#steps = []
    this.#members = 0
    this.#lanes.clear()
    for (const listen of [...this.#listeners]) listen()
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  #log({ members, preempted = [], ...step }: LiveStep, sequences: StepsEvent['sequences']): void {
    const place = `${step.model}/${step.replica ?? 0}/`
    const keyOf = (at: number): string => place + (sequences[at]?.id ?? at)
    const logged = (members ?? []).flatMap(({ sequence, sharedWith, ...member }) => {
      const isFirst = !this.#lanes.has(keyOf(sequence))
      const lane = this.#laneOf(keyOf(sequence), step.at, false)
      if (lane === undefined) return []
      return [
        {
          ...member,
          id: sequences[sequence]?.id ?? '',
          request: sequences[sequence]?.request,
          lane,
          isFirst,
          sharedLane: sharedWith === undefined ? undefined : this.#lanes.get(keyOf(sharedWith))?.lane,
          sharedId: sharedWith === undefined ? undefined : sequences[sharedWith]?.id,
        },
      ]
    })
    this.#steps.push({
      ...step,
      index: this.#index,
      startAt: step.at - step.millis,
      members: logged,
      hasMembers: members !== undefined,
      preempted: preempted.flatMap((sequence) => {
        const lane = this.#laneOf(keyOf(sequence), step.at, true)
        const { id = '', request } = sequences[sequence] ?? {}
        return lane === undefined ? [] : [{ id, request, lane }]
      }),
    })
    this.#index += 1
    this.#members += logged.length
    this.#freeLanes(place, step.at)
  }

  /** The lowest that is free. */
  #laneOf(key: string, at: number, isAside: boolean): number | undefined {
    const known = this.#lanes.get(key)
    if (known !== undefined) {
      known.lastAt = at
      known.missed = -1
      known.isAside = isAside
      return known.lane
    }
    if (this.#lanes.size >= maxLanes) return undefined
    const taken = new Set([...this.#lanes.values()].map(({ lane }) => lane))
    let lane = 0
    while (taken.has(lane)) lane += 1
    this.#lanes.set(key, { lane, lastAt: at, missed: -1, isAside })
    return lane
  }

  /** After a step of this engine. */
  #freeLanes(place: string, now: number): void {
    for (const [key, lane] of this.#lanes) {
      if (!key.startsWith(place)) continue
      lane.missed += 1
      if (lane.isAside ? now - lane.lastAt > asideMillis : lane.missed > goneSteps) this.#lanes.delete(key)
    }
  }

  #forget(): void {
    let first = Math.max(0, this.#steps.length - maxSteps)
    for (let at = 0; at < first; at += 1) this.#members -= this.#steps[at]!.members.length
    while (this.#members > maxMembers && first < this.#steps.length - 1) {
      this.#members -= this.#steps[first]!.members.length
      first += 1
    }
    if (first > 0) this.#steps.splice(0, first)
  }
}
