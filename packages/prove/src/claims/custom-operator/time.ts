/** Times the operator in a process of its own, whose malloc is set by its environment: `time JOB`. Prints the timings as JSON. */

import { setNumThreads } from '@hadal/tensor'
import { type TimeJob, timeOperator } from './timings.ts'

setNumThreads(1)
const timings = await timeOperator(JSON.parse(process.argv[2]!) as TimeJob)
process.stdout.write(JSON.stringify(timings))
