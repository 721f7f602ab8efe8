/**
 * Adjusts limits of a running service within bounds as its traffic changes: one at a time, each on trial until the next window
 * shows its effect, and reverted if it is a regression. Pure; time is an argument.
 */

import { Histogram } from '../simulate/histogram.ts'

export interface OnlineKnobs {
  readonly maxBatchSize: number
  readonly maxPrefillTokensWhileDecoding: number
  readonly timeoutMicros: number
}

export interface OnlineTunerOptions {
  readonly start: OnlineKnobs
  readonly bounds: { readonly [Name in keyof OnlineKnobs]: readonly [least: number, most: number] }
  /** 99th percentiles. */
  readonly slo: { readonly ttftMillis: number; readonly itlMillis?: number | undefined }
  readonly windowMillis?: number
  /** Minimum requests for a window to be meaningful. */
  readonly minRequests?: number
}

export interface OnlineChange {
  readonly knobs: OnlineKnobs
  readonly reason: string
  readonly isRollback: boolean
}

/** Observations of a window. */
interface Seen {
  readonly ttft: number
  readonly itl: number
  readonly donePerSecond: number
  readonly arrivedPerSecond: number
  /** The worst ratio of an observed value to its objective. */
  readonly pressure: number
}

interface Move {
  readonly name: keyof OnlineKnobs
  readonly direction: 'up' | 'down'
  readonly why: string
}

/** Below this share of the objective nothing changes. */
const comfortable = 0.8
/** A change by at least this factor is a regression; less is noise. */
const worse = 1.1
/** Windows during which a reverted move is not retried; doubles each time. */
const [firstPause, longestPause] = [4, 64]

/**
 * Changes one limit of a running service at a time, and reverts it if the SLO or the throughput suffers.
 *
 * @example
 * ```ts
 * import { OnlineTuner } from '@hadal/batching'
 *
 * const tuner = new OnlineTuner({
 *   start: { maxBatchSize: 8, maxPrefillTokensWhileDecoding: 128, timeoutMicros: 0 },
 *   bounds: { maxBatchSize: [1, 32], maxPrefillTokensWhileDecoding: [32, 512], timeoutMicros: [0, 5_000] },
 *   slo: { ttftMillis: 1_000, itlMillis: 100 },
 * })
 * tuner.knobs.maxBatchSize // → 8
 * ```
 */
export class OnlineTuner {
  readonly #options: OnlineTunerOptions
  readonly #windowMillis: number
  readonly #minRequests: number
  #knobs: OnlineKnobs
  #ttft = new Histogram()
  #itl = new Histogram()
  #done = 0
  #arrived = 0
  #windowBegan: number | undefined
  #windows = 0
  #trial: { readonly move: Move; readonly before: OnlineKnobs; readonly seen: Seen } | undefined
  /** By move: the window until which it is paused, and the length of its last pause. */
  readonly #resting = new Map<string, { readonly until: number; readonly windows: number }>()

  constructor(options: OnlineTunerOptions) {
    this.#options = options
    this.#windowMillis = options.windowMillis ?? 10_000
    this.#minRequests = options.minRequests ?? 20
    this.#knobs = options.start
  }

  get knobs(): OnlineKnobs {
    return this.#knobs
  }

  arrived(): void {
    this.#arrived += 1
  }

  sawFirst(millis: number): void {
    this.#ttft.add(millis)
  }

  sawGap(millis: number): void {
    this.#itl.add(millis)
  }

  ended(): void {
    this.#done += 1
  }

  /** Call periodically; returns the change to make, if any. */
  decide(now: number): OnlineChange | undefined {
    this.#windowBegan ??= now
    const millis = now - this.#windowBegan
    if (millis < this.#windowMillis || this.#ttft.count < this.#minRequests) return undefined
    const seen = this.#seen(millis)
    this.#windowBegan = now
    this.#windows += 1
    ;[this.#ttft, this.#itl, this.#done, this.#arrived] = [new Histogram(), new Histogram(), 0, 0]
    return this.#judge(seen) ?? this.#next(seen)
  }

  #seen(millis: number): Seen {
    const { slo } = this.#options
    const [ttft, itl] = [this.#ttft.percentile(0.99), this.#itl.percentile(0.99)]
    return {
      ttft,
      itl,
      donePerSecond: (1000 * this.#done) / millis,
      arrivedPerSecond: (1000 * this.#arrived) / millis,
      pressure: Math.max(ttft / slo.ttftMillis, slo.itlMillis === undefined ? 0 : itl / slo.itlMillis),
    }
  }

  /** Decides on a change on trial: keep or revert it. */
  #judge(seen: Seen): OnlineChange | undefined {
    if (this.#trial === undefined) return undefined
    const { move, before, seen: then } = this.#trial
    this.#trial = undefined
    const name = nameOf(move)
    const issue = regression(then, seen)
    if (issue === undefined) {
      this.#resting.delete(name)
      return undefined
    }
    const windows = Math.min(longestPause, 2 * (this.#resting.get(name)?.windows ?? firstPause / 2))
    this.#resting.set(name, { until: this.#windows + windows, windows })
    const reason = `${describe(move.name, this.#knobs, before)}: taken back, ${issue}`
    this.#knobs = before
    return { knobs: before, reason, isRollback: true }
  }

  #next(seen: Seen): OnlineChange | undefined {
    const before = this.#knobs
    for (const move of this.#moves(seen)) {
      const resting = this.#resting.get(nameOf(move))
      if (resting !== undefined && resting.until > this.#windows) continue
      const value = this.#turned(move)
      if (value === before[move.name]) continue
      this.#knobs = { ...before, [move.name]: value }
      this.#trial = { move, before, seen }
      const reason = `${describe(move.name, before, this.#knobs)}: ${move.why}`
      return { knobs: this.#knobs, reason, isRollback: false }
    }
    return undefined
  }

  /** Candidate moves, the most promising first. */
  #moves({ ttft, itl, pressure }: Seen): Move[] {
    const { slo } = this.#options
    if (pressure <= comfortable) return []
    const itlPressure = slo.itlMillis === undefined ? 0 : itl / slo.itlMillis
    const tokens = `the 99th percentile between tokens is ${Math.round(itl)} ms of ${slo.itlMillis}`
    const first = `the 99th percentile to the first token is ${Math.round(ttft)} ms of ${slo.ttftMillis}`
    if (itlPressure > comfortable && itlPressure >= ttft / slo.ttftMillis)
      return [
        { name: 'maxPrefillTokensWhileDecoding', direction: 'down', why: tokens },
        { name: 'maxBatchSize', direction: 'down', why: tokens },
      ]
    const moves: Move[] = [{ name: 'timeoutMicros', direction: 'down', why: first }]
    // There is headroom: longer steps and more concurrency shorten the time to first token.
    if (itlPressure <= comfortable)
      moves.push(
        { name: 'maxPrefillTokensWhileDecoding', direction: 'up', why: first },
        { name: 'maxBatchSize', direction: 'up', why: first },
      )
    return moves
  }

  #turned({ name, direction }: Move): number {
    const [least, most] = this.#options.bounds[name]
    const value = this.#knobs[name]
    // Halving a very short wait is pointless: use 0.
    const down = name === 'timeoutMicros' && value < 500 ? 0 : Math.floor(value * 0.7)
    const turned = direction === 'up' ? Math.ceil(value * 1.4) : down
    return Math.min(most, Math.max(least, turned))
  }
}

const nameOf = ({ name, direction }: Move): string => `${name} ${direction}`

const describe = (name: keyof OnlineKnobs, from: OnlineKnobs, to: OnlineKnobs): string =>
  `${name} ${from[name]} -> ${to[name]}`

/**
 * Why the previous state was better; undefined if it was not. More arrivals excuse higher latency, fewer excuse lower
 * throughput.
 */
function regression(before: Seen, after: Seen): string | undefined {
  const moreArrive = after.arrivedPerSecond > before.arrivedPerSecond * worse
  const fewerArrive = after.arrivedPerSecond * worse < before.arrivedPerSecond
  if (after.pressure > before.pressure * worse && !moreArrive)
    return `latency went from ${share(before.pressure)} to ${share(after.pressure)} of what is promised`
  if (after.donePerSecond * worse < before.donePerSecond && !fewerArrive)
    return `throughput went from ${before.donePerSecond.toFixed(1)} to ${after.donePerSecond.toFixed(1)} requests/s`
  return undefined
}

const share = (value: number): string => `${Math.round(value * 100)} %`
