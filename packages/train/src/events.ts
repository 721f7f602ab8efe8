/** What a run tells about itself while it goes. The loop prints and writes nothing else: listeners do. */

export type TrainEvent =
  | {
      readonly type: 'started'
      readonly name: string
      readonly parameters: number
      /** The step training goes on after; 0 for a new run. */
      readonly step: number
      readonly totalSteps: number
    }
  | StepEvent
  | { readonly type: 'evaluated'; readonly step: number; readonly loss: number; readonly seconds: number }
  | { readonly type: 'checkpoint'; readonly step: number; readonly path: string; readonly seconds: number }
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'finished'; readonly step: number; readonly seconds: number }
  /** Asked to stop: the step was finished and a checkpoint stands. */
  | { readonly type: 'interrupted'; readonly step: number; readonly seconds: number }

export interface StepEvent {
  readonly type: 'step'
  /** Steps done, this one included. */
  readonly step: number
  readonly totalSteps: number
  readonly epoch: number
  /** Mean over the batch's targets, before the update. */
  readonly loss: number
  readonly learningRate: number
  /** Before clipping. */
  readonly gradientNorm: number
  /** Tokens read in this step. */
  readonly tokens: number
  readonly seconds: number
}

export type TrainListener = (event: TrainEvent) => void
