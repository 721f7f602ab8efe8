/** What a run tells about itself while it goes. The loop prints and writes nothing else: listeners do. */

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
  /** What the model makes of one of the run's prompts, after an evaluation. */
  | { readonly type: 'sampled'; readonly step: number; readonly prompt: string; readonly text: string }
  | { readonly type: 'checkpoint'; readonly step: number; readonly path: string; readonly seconds: number }
  /** A checkpoint that is among the best so far, and is kept. */
  | { readonly type: 'best'; readonly step: number; readonly path: string; readonly loss: number }
  | DecisionEvent
  /** A pass did not fit in memory: this one and all that follow are read in so many parts, with the same gradients. */
  | ({ readonly type: 'split'; readonly step: number } & Split)
  /** From this step on a run with quantisation does something otherwise, said in words. */
  | { readonly type: 'phase'; readonly step: number; readonly message: string }
  /** The system was given back what the allocator held free. */
  | ({ readonly type: 'emptied'; readonly step: number } & Emptied)
  | ProfiledEvent
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'finished'; readonly step: number; readonly seconds: number }
  /** Ended before its last step because that was decided: the checkpoint stands. */
  | {
      readonly type: 'stopped'
      readonly step: number
      readonly reason: string
      readonly seconds: number
    }
  /** Asked to stop: the step was finished and a checkpoint stands. */
  | { readonly type: 'interrupted'; readonly step: number; readonly seconds: number }

export interface EvaluatedEvent {
  readonly type: 'evaluated'
  readonly step: number
  readonly loss: number
  /** What else is measured on the held-out data, by name, where there is more: the accuracy of a classifier. */
  readonly measures?: Readonly<Record<string, number>>
  readonly seconds: number
  /** That a private run has spent so far. */
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
  /** What matters most, a sentence each. */
  readonly advice: readonly string[]
}

export interface StartedEvent {
  readonly type: 'started'
  readonly name: string
  readonly parameters: number
  /** Of them, what one token meets: fewer in a mixture of experts. */
  readonly activatedParameters: number
  /** The step training goes on after; 0 for a new run. */
  readonly step: number
  readonly totalSteps: number
  /** Of the divergence guard, so far. */
  readonly interventions: number
  /** What `tokens` of its steps are: images where a model reads such. */
  readonly unit: ReadUnit
  /** Floating-point operations of training on one of them, forward and back. */
  readonly flopsPerToken: number
  /** That carry it out together; absent for a process by itself. */
  readonly ranks?: number
  /** Of a private run, what its privacy comes to in a line. */
  readonly privacy?: string
  /** Of a run with fused operators, which layers they compute, and where they come from. */
  readonly fusedOps?: string
}

/** What the divergence guard did about a step that went wrong. `message` says all of it. */
export interface DecisionEvent extends Intervention {
  readonly type: 'decision'
  /** Counted from 1. */
  readonly number: number
  /** What the schedule's rate is multiplied by from now on, until it has risen again. */
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
  /** What the loss was multiplied by, in fp16. */
  readonly lossScale?: number
  /** Gradients overflowed with that scale: no weight was changed in this step. */
  readonly skipped?: true
  /** How many times the mean load the busiest expert had; 1 for even, and for models without experts. */
  readonly expertImbalance: number
  /** Tokens read in this step, or images: `StartedEvent.unit`. */
  readonly tokens: number
  readonly seconds: number
  /** Resident memory of the process. */
  readonly memoryBytes: number
  /** What libtorch held of it at the most in this step, and for whom. */
  readonly memory?: StepMemory
  /** Of the rows that a private step drew. The norms above are then of the noisy mean. */
  readonly privacy?: RowFigures
}

/** What a listener may ask of the loop; it is done after the event's step. */
export interface RunControl {
  /** Ends the run with a checkpoint; `reason` is told. */
  stop(reason: string): void
  /** Writes a checkpoint. */
  save(): void
  /** Tells everybody who listens, after the event. */
  warn(message: string): void
}

/** Logs, displays and callbacks are all of this one form. The loop waits for a promise. */
export type TrainListener = (event: TrainEvent, control: RunControl) => void | Promise<void>

/** A listener that only listens. */
export type TrainLog = (event: TrainEvent, control?: Pick<RunControl, 'warn'>) => void
