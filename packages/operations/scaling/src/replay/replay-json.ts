/** A replay as JSON, for other programs. */

import type { ReplayReport } from './replay-text.ts'
import { thinned } from './thinned-replay.ts'

/** Points of each replay at most: a minute each of a day. */
const maxPoints = 1440

export function replayJson({ workload, about, replays, assumptions, sloMillis }: ReplayReport): unknown {
  const { title, startAt, stepMillis, load, notes } = workload
  return {
    version: 1,
    title,
    about,
    startAt: new Date(startAt).toISOString(),
    stepMillis,
    steps: load.length,
    sloMillis,
    assumptions,
    notes,
    scalers: replays.map((replay) => ({
      name: replay.scaler,
      summary: replay.summary,
      changes: replay.changes.map((change) => ({ ...change, at: new Date(change.at).toISOString() })),
      points: thinned(replay, workload, maxPoints).map((point) => ({
        ...point,
        at: new Date(point.at).toISOString(),
      })),
    })),
  }
}
