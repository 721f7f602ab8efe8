/** The curves of a run's metrics file as far as read, and the points a page does not have yet. */

import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { RunMetrics, RunSeries } from '@hadal/protocol'
import { metricsFileName } from './find-runs.ts'
import { LineFollower } from './line-follower.ts'
import { RunCurves } from './run-curves.ts'

export class FollowedRun {
  readonly #follower: LineFollower
  #curves = new RunCurves()
  /** Another one after everything was read anew: cursors of before do not fit. */
  #course = newCourse()

  constructor(folder: string) {
    this.#follower = new LineFollower(join(folder, metricsFileName), {
      begin: () => this.#begin(),
      line: (text, end) => this.#curves.take(text, end),
      tooLong: () => {
        this.#curves.damagedLines += 1
      },
    })
  }

  get curves(): RunCurves {
    return this.#curves
  }

  /** Reads for a limited time; true at the end of the file. */
  async read(millis: number): Promise<boolean> {
    return !(await this.#follower.read(millis)).isBehind
  }

  async metrics(cursor: string | undefined, millis: number): Promise<RunMetrics> {
    const { offset, size, isBehind } = await this.#follower.read(millis)
    const { series, recent, progress, damagedLines, notFinite } = this.#curves
    const after = this.#placeOf(cursor)
    // The first cursor kept does not cover earlier ones.
    const knows =
      after !== undefined && (after >= offset || (recent[0] !== undefined && recent[0].end <= after))
    const points = knows ? recent.filter(({ end }) => end > after) : []
    return {
      cursor: `${this.#course}:${offset}`,
      isWhole: !knows,
      isReading: isBehind,
      readShare: size === 0 ? 1 : offset / size,
      series: knows ? seriesOf(points) : [...series].map(([name, each]) => ({ name, ...each.points() })),
      progress: knows
        ? {
            steps: points.map(({ step }) => step),
            seconds: points.map(({ seconds }) => seconds),
            units: points.map(({ units }) => units),
          }
        : withLast(progress, recent.at(-1)),
      last: Object.fromEntries([...series].map(([name, each]) => [name, each.last!])),
      damagedLines,
      notFinite,
    }
  }

  #begin(): void {
    this.#curves = new RunCurves()
    this.#course = newCourse()
  }

  #placeOf(cursor: string | undefined): number | undefined {
    const [course, place = ''] = cursor?.split(':') ?? []
    return course === this.#course && /^\d{1,15}$/.test(place) ? Number(place) : undefined
  }
}

const newCourse = (): string => randomBytes(6).toString('hex')

/** Every step but the last may have been thinned away. */
function withLast(
  { steps, seconds, units }: RunMetrics['progress'],
  last: { readonly step: number; readonly seconds: number; readonly units: number } | undefined,
): RunMetrics['progress'] {
  if (last === undefined || last.step <= (steps.at(-1) ?? -1)) return { steps, seconds, units }
  return {
    steps: [...steps, last.step],
    seconds: [...seconds, last.seconds],
    units: [...units, last.units],
  }
}

function seriesOf(points: RunCurves['recent']): RunSeries[] {
  const found = new Map<string, { name: string; steps: number[]; values: number[] }>()
  for (const { step, values } of points)
    for (const [name, value] of values) {
      const series = found.get(name) ?? { name, steps: [], values: [] }
      found.set(name, series)
      series.steps.push(step)
      series.values.push(value)
    }
  return [...found.values()]
}
