/** What `hadal tune` is asked, and what it answers. */

import type { Capacity, CostCoefficients, Promised, SimulatedRequest, Slo } from '@hadal/batching'
import type { TunePhase } from '@hadal/protocol'
import type { ReplayReport } from '../load/replay-traffic.ts'
import type { Curve } from './frontier.ts'
import type { Knobs, Machine } from './knobs.ts'
import type { UnderTest } from './tuned-service.ts'

export interface TunePlan {
  readonly test: UnderTest
  readonly start: Knobs
  readonly threads: readonly number[]
  readonly traffic: readonly SimulatedRequest[]
  readonly slo: Slo
  /** Of the best that are tried under real load; 0: none. */
  readonly validated: number
  readonly validationMillis: number
}

export interface ThreadCosts extends CostCoefficients {
  readonly threads: number
  /** How far, at the median, a step is from what is foreseen: a share of it. */
  readonly medianError: number
}

/** Settings, and what the simulator foresees of them. */
export interface Point {
  readonly name: string
  readonly knobs: Knobs
  /** Undefined where the promise is not kept at any rate. */
  readonly foreseen: Capacity | undefined
}

/** What came of settings under real load. */
export interface Validation extends Point {
  readonly attempts: readonly {
    /** Requests a second that came. */
    readonly offered: number
    readonly report: ReplayReport
    readonly broken: readonly Promised[]
  }[]
  /** Requests a second done, of the fastest attempt that kept the promise; 0 where none did. */
  readonly kept: number
}

export interface TuneReport {
  readonly costs: readonly ThreadCosts[]
  /** Under real load all takes so many times as long. */
  readonly slowdown: number
  readonly machine: Machine
  readonly slo: Slo
  /** As it was, as guides have it, and as was found. */
  readonly points: readonly Point[]
  readonly tried: number
  readonly validations: readonly Validation[]
  /** What could be promised: P99 in milliseconds. */
  readonly promises: readonly number[]
  readonly frontier: readonly Curve[]
  readonly best: Point
}

export interface TuneObserver {
  onPhase?(phase: TunePhase, text: string): void
  onCosts?(costs: ThreadCosts): void
  onSlowdown?(factor: number): void
  /** A load that was simulated on some settings. */
  onSimulated?(knobs: Knobs, report: Observation, isKept: boolean): void
  /** One that was put on them. */
  onAttempt?(point: Point, attempt: Validation['attempts'][number]): void
}

/** What simulated and real load have in common. */
export type Observation = Pick<ReplayReport, 'requestsPerSecond' | 'ttftMillis' | 'itlMillis' | 'embedMillis'>
