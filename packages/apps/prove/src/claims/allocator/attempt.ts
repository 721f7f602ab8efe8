/** Runs one attempt in a separate process, which may run out of memory: `attempt JOB`. Prints its result as JSON. */

import { isHadalError, messageOf } from '@hadal/base'
import { grad, scope, setNumThreads, torch } from '@hadal/tensor'
import { type AttemptJob, type AttemptResult, noResult } from './attempt-job.ts'
import { fragmentGpu } from './fragment-gpu.ts'
import { holdFree } from './hold-free.ts'
import { limitGrowth } from './limit-growth.ts'
import { trainWidely } from './train-widely.ts'

setNumThreads(1)
const job = JSON.parse(process.argv[2]!) as AttemptJob
let done: Partial<AttemptResult> = {}
try {
  if (job.kind === 'held-free') done = holdFree(job.tensors)
  else if (job.kind === 'gpu') done = fragmentGpu(job.maintenance)
  else {
    // What libtorch takes for itself, its threads among it, is not to count.
    scope(() => {
      const x = torch.ones([64, 64]).requiresGrad_(true)
      grad(x.matmul(x).sum(), [x])
    })
    if (job.limitMiB !== null) limitGrowth(job.limitMiB)
    done = await trainWidely(job, (part) => {
      done = part
    })
  }
} catch (thrown) {
  const failure = isHadalError(thrown) ? thrown.code : 'unknown'
  done = { ...done, failure, message: messageOf(thrown) }
}
const peakResidentMiB = process.resourceUsage().maxRSS / 1024
process.stdout.write(JSON.stringify({ ...noResult, ...done, peakResidentMiB }))
process.exit()
