/** Converts metrics lines to curves of bounded size, whatever the run's length. Invalid lines are counted and skipped. */

import { isPlainObject } from '@hadal/base'
import type { RunNoteLine } from '@hadal/protocol'
import { ThinnedSeries } from './thinned-series.ts'

/** Values of one line, for a page that has all before it. */
export interface RecentPoint {
  /** The place in the file behind the line. */
  readonly end: number
  readonly step: number
  readonly values: readonly (readonly [name: string, value: number])[]
  readonly seconds: number
  readonly units: number
}

const maxSeries = 64
const maxRecent = 1000
const maxNotes = 500
const maxProgress = 4000

type Line = Readonly<Record<string, unknown>>

export class RunCurves {
  readonly series: Map<string, ThinnedSeries> = new Map()
  readonly notes: RunNoteLine[] = []
  readonly recent: RecentPoint[] = []
  readonly progress: { readonly steps: number[]; readonly seconds: number[]; readonly units: number[] } = {
    steps: [],
    seconds: [],
    units: [],
  }
  damagedLines = 0
  notFinite = 0
  /** The lowest evaluation loss. */
  best: { readonly step: number; readonly value: number } | undefined
  #lastStep = 0
  #seconds = 0
  #units = 0
  #progressStride = 1
  #progressSkipped = 0

  take(text: string, end: number): void {
    const line = parsed(text)
    const step = line?.step as number
    // A resumed run truncates its file; steps before the last belong to an abandoned course, and curves only advance.
    if (line === undefined || step < this.#lastStep) {
      this.damagedLines += 1
      return
    }
    this.#lastStep = step
    const values: (readonly [string, number])[] = []
    for (const [name, value] of valuesOf(line)) {
      if (typeof value !== 'number' || !Number.isFinite(value)) {
        this.notFinite += 1
        continue
      }
      if (!this.#push(name, step, value)) continue
      values.push([name, value])
      if (name === 'validLoss' && value < (this.best?.value ?? Number.POSITIVE_INFINITY))
        this.best = { step, value }
    }
    this.#seconds += finite(line.seconds)
    this.#units += finite(line.tokens)
    const note = noteOf(line, step)
    if (note && this.notes.length < maxNotes) this.notes.push(note)
    if (line.tokens !== undefined) this.#progressed(step)
    this.recent.push({ end, step, values, seconds: this.#seconds, units: this.#units })
    if (this.recent.length > 2 * maxRecent) this.recent.splice(0, maxRecent)
  }

  #push(name: string, step: number, value: number): boolean {
    let series = this.series.get(name)
    if (series === undefined) {
      if (this.series.size >= maxSeries) return false
      series = new ThinnedSeries()
      this.series.set(name, series)
    }
    series.push(step, value)
    return true
  }

  #progressed(step: number): void {
    this.#progressSkipped += 1
    if (this.#progressSkipped < this.#progressStride) return
    this.#progressSkipped = 0
    const { steps, seconds, units } = this.progress
    steps.push(step)
    seconds.push(this.#seconds)
    units.push(this.#units)
    if (steps.length < maxProgress) return
    for (const list of [steps, seconds, units]) {
      for (let at = 0; 2 * at + 1 < list.length; at += 1) list[at] = list[2 * at + 1]!
      list.length = Math.floor(list.length / 2)
    }
    this.#progressStride *= 2
  }
}

function parsed(text: string): Line | undefined {
  try {
    const line = JSON.parse(text) as Line | null
    if (typeof line !== 'object' || line === null) return undefined
    return Number.isSafeInteger(line.step) && (line.step as number) >= 0 ? line : undefined
  } catch {
    return undefined
  }
}

/** Values of step and evaluation lines. */
function* valuesOf(line: Line): Generator<readonly [name: string, value: unknown]> {
  for (const name of ['loss', 'validLoss', 'learningRate', 'gradientNorm', 'lossScale', 'epsilon', 'epoch'])
    if (line[name] !== undefined) yield [name, line[name]]
  if (line.expertImbalance !== undefined) yield ['expertImbalance', line.expertImbalance]
  if (typeof line.tokens === 'number' && typeof line.seconds === 'number' && line.seconds > 0)
    yield ['unitsPerSecond', line.tokens / line.seconds]
  if (line.memoryBytes !== undefined) yield ['memory.process', line.memoryBytes]
  for (const [name, value] of Object.entries(asLine(line.memory)))
    if (typeof value === 'number') yield [name === 'peakBytes' ? 'memory.peak' : `memory.${name}`, value]
  const { rows, clipped, notFinite, medianNorm } = asLine(line.privacy)
  if (typeof rows === 'number') {
    yield ['privacy.rows', rows]
    if (typeof clipped === 'number' && rows > 0) yield ['privacy.clippedShare', clipped / rows]
    if (typeof notFinite === 'number' && notFinite > 0) yield ['privacy.notFinite', notFinite]
    if (medianNorm !== undefined) yield ['privacy.medianNorm', medianNorm]
  }
  for (const [name, value] of Object.entries(asLine(line.measures)))
    yield [`measure.${name.slice(0, 60)}`, value]
}

function noteOf(line: Line, step: number): RunNoteLine | undefined {
  if (typeof line.decision === 'string') return { step, kind: 'guard', text: short(line.decision) }
  if (typeof line.phase === 'string') return { step, kind: 'phase', text: short(line.phase) }
  return undefined
}

const short = (text: string): string => text.slice(0, 2000)
const finite = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0)
const asLine = (value: unknown): Line => (isPlainObject(value) ? (value as Line) : {})
