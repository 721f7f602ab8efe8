/** Combines the snapshots of several replicas. Pure. */

import type { EngineSnapshot, SlotInfo } from '../engine.ts'

export interface Part {
  readonly place: number
  /** Accepts requests; otherwise it is starting or being removed. */
  readonly serves: boolean
  readonly snapshot: EngineSnapshot
}

type State = EngineSnapshot['state']

/** The state of the whole is the first of these that any replica is in. */
const order: readonly State[] = ['ready', 'restarting', 'starting', 'draining', 'closed']

/**
 * Sums counts and averages shares. `restartsBefore`: restarts of removed replicas. Slot numbers are stable for the life of an
 * engine: each one's start at `place` times its number of slots.
 */
export function sumSnapshots(parts: readonly Part[], restartsBefore: number): EngineSnapshot {
  const serving = parts.filter(({ serves }) => serves)
  // Before the first one serves, its expected values.
  const meant = (serving.length > 0 ? serving : parts.slice(0, 1)).map(({ snapshot }) => snapshot)
  const all = parts.map(({ snapshot }) => snapshot)
  const sum = (of: readonly EngineSnapshot[], count: (one: EngineSnapshot) => number): number =>
    of.reduce((total, one) => total + count(one), 0)
  const start = meant.findLast((one) => one.start !== undefined)?.start
  const processes = parts.flatMap(({ place, snapshot }) =>
    (snapshot.processes ?? []).map(({ pid }) => ({ pid, replica: place })),
  )
  return {
    state: order.find((state) => meant.some((one) => one.state === state)) ?? 'closed',
    running: sum(all, ({ running }) => running),
    waiting: sum(all, ({ waiting }) => waiting),
    maxBatchSize: sum(meant, ({ maxBatchSize }) => maxBatchSize),
    maxQueue: sum(meant, ({ maxQueue }) => maxQueue),
    kvCacheUsage: meant.length === 0 ? 0 : sum(meant, ({ kvCacheUsage }) => kvCacheUsage) / meant.length,
    replicas: serving.filter(({ snapshot: { state } }) => state === 'ready').length,
    restarts: restartsBefore + sum(all, ({ restarts }) => restarts),
    ...(start !== undefined && { start }),
    ...(processes.length > 0 && { processes }),
    slots: parts.filter(({ serves, snapshot }) => serves || snapshot.running > 0).flatMap(slotsOf),
  }
}

function slotsOf({ place, snapshot: { slots } }: Part): SlotInfo[] {
  return slots.map((each) => ({ ...each, slot: place * slots.length + each.slot, replica: place }))
}
