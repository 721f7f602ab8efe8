/** The summary of a trace. Times in micros; shares are of `totalMicros`, 0 to 1. */

export interface TraceSummary {
  /** Whether what follows is of the steps of the trace, or of all of it because it has none. */
  readonly counts: 'steps' | 'trace'
  /** All steps together, or the whole trace. */
  readonly totalMicros: number
  readonly steps: readonly StepSummary[]
  /** By time; outermost ones alone. */
  readonly phases: readonly PhaseSummary[]
  /** Compiled code, by the time each took itself. */
  readonly operators: readonly OperatorSummary[]
  /** Parts of a model, layers of one kind together, by time. */
  readonly modules: readonly ModuleSummary[]
  readonly copies: CopySummary
  readonly outside: OutsideSummary
  readonly waiting: WaitSummary
  readonly memory: MemorySummary | undefined
  /** Traces with device work: time in steps during which the device was busy. */
  readonly deviceMicros: number | undefined
  /** In ranges named `recompute`: what checkpointing computes a second time. */
  readonly recomputedMicros: number
  readonly notes: readonly string[]
}

export interface StepSummary {
  readonly name: string
  readonly startMicros: number
  readonly durationMicros: number
  /** In compiled code, on the lane of the step. */
  readonly nativeMicros: number
  readonly waitMicros: number
  /** By phase. */
  readonly phases: Readonly<Record<string, number>>
}

export interface PhaseSummary {
  readonly name: string
  readonly micros: number
  readonly share: number
  readonly count: number
  /** Time in compiled code. */
  readonly nativeMicros: number
}

export interface OperatorSummary {
  readonly name: string
  readonly count: number
  /** Without the operators it calls. */
  readonly selfMicros: number
  readonly totalMicros: number
  /** Share of `selfMicros`. */
  readonly share: number
  /** Whether its inputs were fp16 or bf16, if the trace records it. */
  readonly sixteenBits: boolean
  /** The shapes that took longest, at most three. */
  readonly shapes: readonly {
    readonly shapes: string
    readonly count: number
    readonly selfMicros: number
  }[]
}

export interface ModuleSummary {
  /** `layers.*.attention`. */
  readonly name: string
  readonly forwardMicros: number
  readonly backwardMicros: number
  /** Both. */
  readonly share: number
  /** The operator that took most of it. */
  readonly most: string
}

export type CopyKind = 'layout' | 'conversion'

export interface CopySummary {
  /** Into another order of elements in memory, or another dtype. */
  readonly layoutMicros: number
  readonly conversionMicros: number
  readonly count: number
  /** By time. */
  readonly places: readonly {
    readonly kind: CopyKind
    readonly module: string
    readonly operator: string
    readonly micros: number
    readonly count: number
  }[]
}

export interface Gap {
  readonly startMicros: number
  readonly micros: number
  readonly phase: string
  /** The operators around it; '' at the ends of a step. */
  readonly after: string
  readonly before: string
}

export interface OutsideSummary {
  /** On the lanes of steps, neither in compiled code nor waiting: JavaScript, and the way from it into compiled code. */
  readonly micros: number
  readonly share: number
  readonly gaps: number
  readonly byPhase: Readonly<Record<string, number>>
  /** At most five. */
  readonly longest: readonly Gap[]
}

export interface WaitSummary {
  readonly micros: number
  readonly share: number
  readonly byName: Readonly<Record<string, number>>
}

export interface MemorySummary {
  /** Relative to the start of the trace. */
  readonly peakBytes: number
  readonly peakMicros: number
  readonly allocations: number
  readonly allocatedBytes: number
  /** Allocations of the recording that were held at the peak, by module and operator; at most ten. */
  readonly heldAtPeak: readonly {
    readonly module: string
    readonly operator: string
    readonly bytes: number
  }[]
}
