/** Evaluation in the training loop: held-out loss, samples, and early stopping. */

import type { Clock } from '@hadal/base'
import type { Audience } from './audience.ts'
import { secondsSince } from './elapsed.ts'
import { withHeldOut } from './held-out-record.ts'
import type { Run } from './run.ts'
import type { Session } from './session.ts'

/** Returns the held-out loss, with the averaged weights if the run keeps them. May request that the run stop. */
export async function evaluateRun(
  { evaluate: options }: Run,
  session: Session,
  audience: Audience,
  clock: Clock,
): Promise<number> {
  const start = clock.now()
  const { step } = session
  const { evaluated, samples } = await session.withAverage(async () => ({
    evaluated: await session.evaluate(),
    samples: options.samples ? session.sample(options.samples) : [],
  }))
  const { loss, measures } = evaluated
  if (session.isFinalKind) session.heldOut = withHeldOut(session.heldOut, loss, options.minImprovement)
  const seconds = secondsSince(clock, start)
  const reported = Object.keys(measures).length > 0 && { measures }
  const { epsilon } = session
  const spent = epsilon !== undefined && { epsilon }
  await audience.notify({ type: 'evaluated', step, loss, ...reported, seconds, ...spent })
  for (const sample of samples) await audience.notify({ type: 'sampled', step, ...sample })
  stopIfPointless(options, session, audience)
  return loss
}

/** Asks the run to stop where going on no longer pays; a run that ended so is not trained on by being started again. */
export function stopIfPointless(
  { patience = Number.POSITIVE_INFINITY }: Run['evaluate'],
  { heldOut }: Session,
  audience: Audience,
): void {
  if (heldOut.sinceBest >= patience) audience.stop(`held-out loss has not fallen in ${patience} evaluations`)
}
