/** Executes one run in this process alone or as one rank, and returns the result. */

import { memory, resetPeakMemory } from '@hadal/tensor'
import { type Mesh, type Run, train } from '@hadal/train'

export interface TrainedRun {
  /** Losses of each step, then of the held-out data. */
  readonly losses: readonly number[]
  /** Peak libtorch memory above the level before the run. */
  readonly peakBytes: number
}

export async function trainRun(run: Run, mesh?: Mesh, signal?: AbortSignal): Promise<TrainedRun> {
  const losses: number[] = []
  const { currentBytes } = memory()
  resetPeakMemory()
  await train(run, {
    mesh,
    ...(signal && { signal }),
    listeners: [
      (event) => {
        if (event.type === 'step' || event.type === 'evaluated') losses.push(event.loss)
      },
    ],
  })
  return { losses, peakBytes: memory().peakBytes - currentBytes }
}
