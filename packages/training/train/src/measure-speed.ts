/** Measures training speed on this machine before the run's length is chosen. */

import { type Clock, systemClock } from '@hadal/base'
import { scope } from '@hadal/tensor'
import type { Run } from './run.ts'
import { Session } from './session.ts'
import { trainStep } from './train-step.ts'

const warmupSteps = 2

/**
 * Tokens per second over `steps` real steps of `run`. The results are discarded; its folder is not touched.
 *
 * @example
 * ```ts
 * import { run } from './my-run.ts' // export const run = defineRun({ ... })
 * import { measureSpeed } from '@hadal/train'
 *
 * const tokensPerSecond = await measureSpeed(run, 5) // five steps, thrown away afterwards
 * ```
 */
export function measureSpeed(run: Run, steps: number, clock: Clock = systemClock): Promise<number> {
  return scope(async () => {
    const session = new Session(run)
    let started = clock.now()
    let tokens = 0
    for (let step = 0; step < warmupSteps + steps; step += 1) {
      if (step === warmupSteps) {
        started = clock.now()
        tokens = 0
      }
      const batch = await session.nextBatch()
      trainStep(session, batch, 1e-6, run.clipNorm)
      tokens += batch.reduce((sum, pass) => sum + pass.tokens, 0)
    }
    return (tokens * 1000) / (clock.now() - started)
  })
}
