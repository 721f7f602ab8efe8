/** Input and result of `hadal tune`. */

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
  /** Number of best candidates validated under real load; 0: none. */
  readonly validated: number
  readonly validationMillis: number
}

export interface ThreadCosts extends CostCoefficients {
  readonly threads: number
  /** Median relative error of the step cost model. */
  readonly medianError: number
}

/** Settings and their simulated results. */
export interface Point {
  readonly name: string
  readonly knobs: Knobs
  /** Undefined if the SLO is not met at any rate. */
  readonly foreseen: Capacity | undefined
}

/** Results under real load. */
export interface Validation extends Point {
  readonly attempts: readonly {
    /** Requests a second that came. */
    readonly offered: number
    readonly report: ReplayReport
    readonly broken: readonly Promised[]
  }[]
  /** Requests per second of the fastest attempt that met the SLO; 0 if none did. */
  readonly kept: number
}

export interface TuneReport {
  readonly costs: readonly ThreadCosts[]
  /** Slowdown factor under real load. */
  readonly slowdown: number
  readonly machine: Machine
  readonly slo: Slo
  /** Current, commonly recommended, and tuned settings. */
  readonly points: readonly Point[]
  readonly tried: number
  readonly validations: readonly Validation[]
  /** Candidate SLOs: P99 in milliseconds. */
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
  /** The SLO set for them. */
  onAttempt?(point: Point, attempt: Validation['attempts'][number]): void
}

/** Common fields of simulated and real load. */
export type Observation = Pick<ReplayReport, 'requestsPerSecond' | 'ttftMillis' | 'itlMillis' | 'embedMillis'>
