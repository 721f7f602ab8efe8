/**
 * The measurements a scaler receives at a simulation step: those of earlier steps, within the limits of the workload. Prometheus
 * counters look back, requests and P99 over two minutes.
 */

import type { Observation, Reading } from '../observation.ts'
import { type Fleet, type FleetStep, requestedBy } from './fleet-model.ts'
import type { Sight, SignalName, Workload } from './workload.ts'

const windowMillis = 120_000

export class FleetWatch {
  readonly #workload: Workload
  readonly #asksLatency: boolean
  readonly #last = new Map<SignalName, Reading>()
  /** Sights that have begun, and how many of all those are. */
  #current: Sight[] = []
  #begun = 0
  readonly #arrivals: WindowSum
  readonly #latencies: WindowMax

  constructor(workload: Workload, asksLatency: boolean) {
    this.#workload = workload
    this.#asksLatency = asksLatency
    const steps = Math.max(1, Math.round(windowMillis / workload.stepMillis))
    this.#arrivals = new WindowSum(steps)
    this.#latencies = new WindowMax(steps)
  }

  /** `step`: measurements up to `now`. */
  see(now: number, fleet: Fleet, step: FleetStep): Observation {
    this.#arrivals.add(step.arrived)
    this.#latencies.add(step.latencyP99Millis)
    this.#follow(now)
    return {
      now,
      replicas: requestedBy(fleet),
      readyReplicas: fleet.ready,
      busyPercent: this.#reading('busy', now, step.busy * 100),
      // Requests are counted whole.
      backlog: this.#reading('backlog', now, Math.round(step.backlog)),
      demand: this.#reading('demand', now, Math.round(this.#arrivals.sum + step.running)),
      latencyP99Millis: this.#asksLatency ? this.#reading('latency', now, this.#latencies.max) : undefined,
    }
  }

  #follow(now: number): void {
    const { sights } = this.#workload
    while (this.#begun < sights.length && sights[this.#begun]!.from <= now)
      this.#current.push(sights[this.#begun++]!)
    if (this.#current.length > 0) this.#current = this.#current.filter(({ until }) => until > now)
  }

  #reading(signal: SignalName, now: number, value: number): Reading {
    const sights = this.#current.filter(({ signals }) => signals.includes(signal))
    if (sights.some(({ how }) => how === 'silent')) return this.#last.get(signal) ?? { missing: 'no value' }
    const reading = sights.reduce<Reading>(seenThrough, { at: now, value })
    this.#last.set(signal, reading)
    return reading
  }
}

function seenThrough(reading: Reading, { how, skewMillis = 0 }: Sight): Reading {
  if ('missing' in reading) return reading
  if (how === 'missing') return { missing: 'no value' }
  if (how === 'nan') return { ...reading, value: Number.NaN }
  if (how === 'zero') return { ...reading, value: 0 }
  return { ...reading, at: reading.at + skewMillis }
}

/** Sum over a window of the last values. */
class WindowSum {
  readonly #values: number[] = []
  readonly #size: number
  sum = 0

  constructor(size: number) {
    this.#size = size
  }

  add(value: number): void {
    this.#values.push(value)
    if (this.#values.length > this.#size) this.#values.shift()
    // Recomputed each time: a running sum leaves rounding errors, and a residue above 0 would keep a fleet awake.
    this.sum = this.#values.reduce((sum, each) => sum + each, 0)
  }
}

/**
 * Maximum over a window of the last values, without NaN; NaN if none is a number. A P99 over a window is near
 * that of its worst part.
 */
class WindowMax {
  #falling: { readonly at: number; readonly value: number }[] = []
  #count = 0
  readonly #size: number

  constructor(size: number) {
    this.#size = size
  }

  add(value: number): void {
    this.#count += 1
    if (!Number.isNaN(value)) {
      while (this.#falling.length > 0 && this.#falling.at(-1)!.value <= value) this.#falling.pop()
      this.#falling.push({ at: this.#count, value })
    }
    if (this.#falling.length > 0 && this.#falling[0]!.at <= this.#count - this.#size) this.#falling.shift()
  }

  get max(): number {
    return this.#falling[0]?.value ?? Number.NaN
  }
}
