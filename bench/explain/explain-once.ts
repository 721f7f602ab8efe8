/** One text explained in a process of its own: says in JSON what that took. `explain-once.ts KIND MEGABYTES`. */

import { causes } from '@hadal/causes'
import { explain } from '@hadal/doctor'
import { peakResidentMiB } from '../processes.ts'
import { type LogKind, madeLog } from './made-log.ts'

const [kind, megabytes] = process.argv.slice(2)
const text = madeLog(kind as LogKind, Number(megabytes) * 1e6)
const before = process.cpuUsage()
const startedAt = performance.now()
const { cause } = explain([{ name: 'made.log', text }], causes, { now: Date.now() })
const { user, system } = process.cpuUsage(before)
console.log(
  JSON.stringify({
    cause: cause?.id,
    wallSeconds: (performance.now() - startedAt) / 1000,
    cpuSeconds: (user + system) / 1e6,
    peakMiB: peakResidentMiB(process.pid),
  }),
)
