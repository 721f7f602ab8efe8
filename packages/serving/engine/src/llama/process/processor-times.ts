/** Reads CPU times of the machine and of this process. */

import { cpus } from 'node:os'
import type { ProcessorTimes } from './thread-governor.ts'

export function processorTimes(now: number): ProcessorTimes {
  const busy = cpus().reduce((sum, { times }) => sum + times.user + times.sys + times.irq, 0)
  const { user, system } = process.cpuUsage()
  return { at: now, busy, own: (user + system) / 1000 }
}
