/** The process of one claim: `claim-main JOB`. Measures, and leaves the raw results; whatever happens here happens to this claim alone. */

import { renameSync, writeFileSync } from 'node:fs'
import { endWithParent, isHadalError, messageOf } from '@hadal/base'
import type { Claim, ClaimContext } from '../claim.ts'
import { claimFailed } from '../errors.ts'
import type { ClaimJob, ClaimMessage } from './claim-job.ts'

interface ClaimModule {
  readonly claim?: Claim
  readonly claims?: readonly Claim[]
}

/** For what a claim started, to be ended. */
const goodbyeMillis = 5000

endWithParent(goodbyeMillis)
const job = JSON.parse(process.argv[2]!) as ClaimJob
const stop = new AbortController()
for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => stop.abort(name))

try {
  const { claim, claims = [] } = (await import(job.module)) as ClaimModule
  const raw = await (claim ?? claims.find(({ id }) => id === job.id))!.measure(context())
  const unfinished = `${job.rawFile}.unfinished`
  writeFileSync(unfinished, `${JSON.stringify(raw ?? null)}\n`)
  renameSync(unfinished, job.rawFile)
} catch (thrown) {
  console.error(thrown)
  process.exitCode = 1
  const error = isHadalError(thrown) ? thrown : claimFailed(job.id, messageOf(thrown))
  await tell({ about: 'failed', error: error.toWire() })
}
// Whatever it left open is no reason to stay.
process.exit()

function context(): ClaimContext {
  const { mode, seed, folder, hadal, bundledModels } = job
  return {
    mode,
    seed,
    folder,
    hadal,
    bundledModel(name) {
      const path = bundledModels[name]
      if (path === undefined) throw new Error(`no model ${name} comes with this installation`)
      return path
    },
    note(text) {
      console.error(text)
      void tell({ about: 'note', text })
    },
    signal: stop.signal,
  }
}

/** Resolves when it is sent; at once without a parent process. */
function tell(message: ClaimMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve()
    else process.send(message, undefined, {}, () => resolve())
  })
}
