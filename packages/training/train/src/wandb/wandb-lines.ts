/**
 * Collects metrics into one line per step, in increasing steps: the SDK drops lines of past steps, such as a second line of one
 * step or steps repeated after a rollback. Stateful, no I/O.
 */

import type { WandbMetrics } from './wandb-metrics.ts'

export interface WandbLine {
  /** The run's step, or a later one after a rollback: `train/global_step` has the actual one. */
  readonly step: number
  readonly metrics: WandbMetrics
}

export class WandbLines {
  #open: { readonly runStep: number; readonly step: number; metrics: WandbMetrics } | undefined

  /** Returns the line of the previous step once `metrics` belong to another. */
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
