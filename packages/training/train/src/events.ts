/** Events that a run emits. The loop itself prints and writes nothing; subscribers do. */

import type { Intervention } from './divergence-guard.ts'
import type { ReadUnit } from './kinds/model-kind.ts'
import type { LayerNorms } from './layer-norms.ts'
import type { Emptied } from './memory/empty-when-due.ts'
import type { StepMemory } from './memory/step-memory.ts'
import type { Split } from './memory/within-memory.ts'
import type { RowFigures } from './privacy/row-figures.ts'

export type TrainEvent =
  | StartedEvent
  | StepEvent
  | EvaluatedEvent
  /** A completion of one of the run's prompts, after an evaluation. */
  | { readonly type: 'sampled'; readonly step: number; readonly prompt: string; readonly text: string }
  | { readonly type: 'checkpoint'; readonly step: number; readonly path: string; readonly seconds: number }
  /** A checkpoint that is among the best so far, and is kept. */
  | { readonly type: 'best'; readonly step: number; readonly path: string; readonly loss: number }
  | DecisionEvent
  /** A pass did not fit in memory: from here on passes are read in N parts, with the same gradients. */
  | ({ readonly type: 'split'; readonly step: number } & Split)
  /** A quantised run changes phase at this step; described in words. */
  | { readonly type: 'phase'; readonly step: number; readonly message: string }
  /** Cached allocator memory was returned to the system. */
  | ({ readonly type: 'emptied'; readonly step: number } & Emptied)
  | ProfiledEvent
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'finished'; readonly step: number; readonly seconds: number }
  /** Stopped early by decision; a checkpoint was written. */
  | {
      readonly type: 'stopped'
      readonly step: number
      readonly reason: string
      readonly seconds: number
    }
  /** Interrupted: the step was finished and a checkpoint was written. */
  | { readonly type: 'interrupted'; readonly step: number; readonly seconds: number }

export interface EvaluatedEvent {
  readonly type: 'evaluated'
  readonly step: number
  readonly loss: number
  /** Additional held-out measures by name, for example a classifier's accuracy. */
  readonly measures?: Readonly<Record<string, number>>
  readonly seconds: number
  /** Spent so far by a private run. */
  readonly epsilon?: number
}

/** Steps were recorded, and their profile written. */
export interface ProfiledEvent {
  readonly type: 'profiled'
  /** Steps. */
  readonly first: number
  readonly last: number
  readonly folder: string
  /** To be opened in a browser. */
  readonly page: string
  /** Most important first, one sentence each. */
  readonly advice: readonly string[]
}

export interface StartedEvent {
  readonly type: 'started'
  readonly name: string
  readonly parameters: number
  /** Parameters activated per token; fewer than all in a mixture of experts. */
  readonly activatedParameters: number
  /** Training continues after this step; 0 for a new run. */
  readonly step: number
  readonly totalSteps: number
  /** Interventions of the divergence guard so far. */
  readonly interventions: number
  /** The unit of `tokens`: images for models that read images. */
  readonly unit: ReadUnit
  /** Floating-point operations of training on one of them, forward and back. */
  readonly flopsPerToken: number
  /** Ranks in the run; absent for a single process. */
  readonly ranks?: number
  /** One-line privacy summary of a private run. */
  readonly privacy?: string
  /** With fused operators: the layers they compute, and their source. */
  readonly fusedOps?: string
}

/** The divergence guard's response to a failed step. `message` describes it in full. */
export interface DecisionEvent extends Intervention {
  readonly type: 'decision'
  /** Counted from 1. */
  readonly number: number
  /** Multiplies the schedule's rate from now on, until it has recovered. */
  readonly rateFactor: number
}

export interface StepEvent {
  readonly type: 'step'
  /** Steps done, this one included. */
  readonly step: number
  readonly totalSteps: number
  readonly epoch: number
  /** Mean over the batch's targets, before the update. */
  readonly loss: number
  /** The schedule's, as the guard has it; with rates by layer it is the top's. */
  readonly learningRate: number
  /** Before clipping. */
  readonly gradientNorm: number
  /** The same, layer by layer. */
  readonly layerNorms: LayerNorms
  /** The fp16 loss scale. */
  readonly lossScale?: number
  /** Gradients overflowed with that scale: no weight was changed in this step. */
  readonly skipped?: true
  /** Load of the busiest expert relative to the mean; 1 for balanced load and for models without experts. */
  readonly expertImbalance: number
  /** Tokens read in this step, or images: `StartedEvent.unit`. */
  readonly tokens: number
  readonly seconds: number
  /** Resident memory of the process. */
  readonly memoryBytes: number
  /** Peak libtorch memory of this step, by purpose. */
  readonly memory?: StepMemory
  /** Statistics of the rows drawn by a private step. The norms above are then of the noisy mean. */
  readonly privacy?: RowFigures
}

/** What a subscriber can request from the loop; done after the event's step. */
export interface RunControl {
  /** Ends the run with a checkpoint; `reason` is reported. */
  stop(reason: string): void
  /** Writes a checkpoint. */
  save(): void
  /** Emits a warning to all subscribers, after the event. */
  warn(message: string): void
}

/** Logs, displays and callbacks are all of this one form. The loop waits for a promise. */
export type TrainListener = (event: TrainEvent, control: RunControl) => void | Promise<void>

/** A listener that only listens. */
export type TrainLog = (event: TrainEvent, control?: Pick<RunControl, 'warn'>) => void
