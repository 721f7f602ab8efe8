/**
 * A scaler's observations and decisions. Loads are seeded; engines are simulated by the fleet of `hadal scale replay`, on simulated time.
 */

import { type Random, seededRandom } from '@hadal/batching'
import { type Observation, type Reading, replayScaling, type ScalerMaker } from '@hadal/fleet'
import type { Trace } from './packed-trace.ts'
import { scalersOf, stepMillis } from './service.ts'

export interface Plan {
  readonly probes: number
  readonly days: number
  readonly dayHours: number
}

const startMillis = 60_000
const lookMinute = 60_000 / stepMillis

export function tracesOf(seed: number, { probes, days, dayHours }: Plan): readonly Trace[] {
  const random = seededRandom(seed)
  const { hadal, hpa } = scalersOf(startMillis)
  const drawnProbes = Array.from({ length: probes }, () => probesOf(random)).flat()
  const traces = drawnProbes.map((probe) => traced('probe', 'hadal', hadal, probe))
  for (let day = 1; day <= days; day += 1) {
    const load = drawnDay(random, dayHours)
    const case_ = { name: `day ${day}`, load, engines: Math.max(1, Math.ceil(load[0]! / 0.6)) }
    traces.push(traced('day', 'hadal', hadal, case_), traced('day', 'hpa', hpa, case_))
  }
  return traces
}

interface Case {
  readonly name: string
  /** Engines' worth of work in each step. */
  readonly load: readonly number[]
  readonly engines: number
  /** Steps in which nothing is measured. */
  readonly silent?: readonly [from: number, until: number]
}

/** One of each, with engines, use and times drawn. */
function probesOf(random: Random): readonly Case[] {
  const engines = 2 + Math.floor(random() * 6)
  const between = (least: number, most: number): number => least + random() * (most - least)
  const use = (percent: number, minutes: number): number[] =>
    new Array<number>(Math.round(minutes * lookMinute)).fill((percent / 100) * engines)
  const low = between(8, 29)
  const before = Math.floor(between(1, 4.9) * lookMinute) / lookMinute
  const middle = use(between(40, 60), 3)
  return [
    { name: 'low', engines, load: [...middle, ...use(low, 12)] },
    {
      name: 'spike',
      engines,
      load: [...middle, ...use(low, before), ...use(between(30.5, 69), 0.25), ...use(low, 12)],
    },
    {
      name: 'nobody measured',
      engines,
      load: [...middle, ...use(low, 14)],
      silent: [middle.length + 2 * lookMinute, middle.length + 5 * lookMinute],
    },
    // A hair above, since shares of floats are not exact.
    { name: 'just above 30 %', engines, load: use(30.01, 20) },
    { name: 'between', engines, load: use(between(31, 69.5), 20) },
    { name: 'high', engines, load: [...middle, ...use(between(70.5, 99), 10)] },
  ]
}

/** Stretches of minutes to an hour, each with its own level, jumps between them, and noise. */
function drawnDay(random: Random, hours: number): readonly number[] {
  const load: number[] = []
  while (load.length < hours * 60 * lookMinute) {
    const level = 0.1 + random() ** 2 * 7
    const looks = Math.ceil((2 + 40 * random() ** 2) * lookMinute)
    for (let at = 0; at < looks; at += 1) load.push(level * (0.93 + 0.14 * random()))
  }
  return load.slice(0, hours * 60 * lookMinute)
}

function traced(
  kind: Trace['kind'],
  scaler: Trace['scaler'],
  make: ScalerMaker,
  { name, load, engines, silent }: Case,
): Trace {
  const rows: { use: number | null; ready: number; waiting: number; from: number; to: number }[] = []
  const recording: ScalerMaker = () => {
    const inner = make()
    return {
      ...inner,
      name: inner.name,
      decide(seen) {
        const move = inner.decide(seen)
        rows.push({ ...lookOf(seen), from: seen.replicas, to: move.to })
        return move
      },
    }
  }
  const sights =
    silent === undefined
      ? []
      : [
          {
            from: silent[0] * stepMillis,
            until: silent[1] * stepMillis,
            signals: ['busy'] as const,
            how: 'missing' as const,
          },
        ]
  replayScaling(
    recording,
    { title: name, startAt: 0, stepMillis, load: Float64Array.from(load), sights, history: [], notes: [] },
    { model: { startMillis, places: 16, serviceP99Millis: 250, maxQueue: 256 }, replicas: engines },
  )
  return {
    kind,
    name,
    scaler,
    use: rows.map((row) => row.use),
    ready: rows.map((row) => row.ready),
    waiting: rows.map((row) => row.waiting),
    from: rows.map((row) => row.from),
    to: rows.map((row) => row.to),
  }
}

function lookOf({ busyPercent, readyReplicas, backlog }: Observation): {
  readonly use: number | null
  readonly ready: number
  readonly waiting: number
} {
  const figureOf = (reading: Reading): number | null => ('missing' in reading ? null : reading.value)
  const busy = figureOf(busyPercent)
  return {
    // A report stays small.
    use: busy === null || readyReplicas === 0 ? null : Math.round((busy / readyReplicas) * 100) / 100,
    ready: readyReplicas,
    waiting: figureOf(backlog) ?? 0,
  }
}
