/** How fast a run trains here, before its length is decided. */

import { type Clock, systemClock } from '@hadal/base'
import { scope } from '@hadal/tensor'
import type { Run } from './run.ts'
import { Session } from './session.ts'
import { trainStep } from './train-step.ts'

const warmupSteps = 2

/** Tokens a second over `steps` real steps of `run`, whose results are thrown away; its folder is not touched. */
export function measureSpeed(run: Run, steps: number, clock: Clock = systemClock): number {
  return scope(() => {
    const session = new Session(run)
    let started = clock.now()
    for (let step = 0; step < warmupSteps + steps; step += 1) {
      if (step === warmupSteps) started = clock.now()
      trainStep(session, session.nextBatch(), 1e-6, run.clipNorm)
    }
    return (steps * session.tokensPerStep * 1000) / (clock.now() - started)
  })
}
