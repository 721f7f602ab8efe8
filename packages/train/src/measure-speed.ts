/** How fast a run trains here, before its length is decided. */

import { type Clock, systemClock } from '@hadal/base'
import { selectWindows } from '@hadal/nn'
import { scope } from '@hadal/tensor'
import type { Run } from './run.ts'
import { Session } from './session.ts'
import { trainStep } from './train-step.ts'

const warmupSteps = 2

/** Tokens a second over `steps` real steps of `run`, whose results are thrown away; its folder is not touched. */
export function measureSpeed(run: Run, steps: number, clock: Clock = systemClock): number {
  const { batch, data, clipNorm } = run
  return scope(() => {
    const session = new Session(run)
    let started = clock.now()
    for (let step = 0; step < warmupSteps + steps; step += 1) {
      if (step === warmupSteps) started = clock.now()
      const passes = Array.from({ length: batch.accumulate }, () =>
        selectWindows(data.train, session.sampler.next(batch.windows)),
      )
      trainStep(session, passes, 1e-6, clipNorm)
    }
    const tokens = steps * batch.accumulate * batch.windows * data.train.length
    return (tokens * 1000) / (clock.now() - started)
  })
}
