/**
 * Gathers metrics into one line a step, in rising steps: the SDK keeps no line of a step it has passed, as the second of one step
 * or those of steps that are taken again after a rollback. Pure but for what it gathers.
 */

import type { WandbMetrics } from './wandb-metrics.ts'

export interface WandbLine {
  /** That of the run, or later where the run went back: `train/global_step` says where it was. */
  readonly step: number
  readonly metrics: WandbMetrics
}

export class WandbLines {
  #open: { readonly runStep: number; readonly step: number; metrics: WandbMetrics } | undefined

  /** The line of the step before, once `metrics` are those of another. */
  add(runStep: number, metrics: WandbMetrics): WandbLine | undefined {
    const open = this.#open
    if (open && open.runStep === runStep && !('train/loss' in metrics)) {
      open.metrics = { ...open.metrics, ...metrics }
      return undefined
    }
    this.#open = { runStep, step: Math.max(runStep, (open?.step ?? 0) + 1), metrics }
    return open && { step: open.step, metrics: open.metrics }
  }

  /** The last line. */
  end(): WandbLine | undefined {
    const open = this.#open
    this.#open = undefined
    return open && { step: open.step, metrics: open.metrics }
  }
}
