/** Resource use of a process from Linux's /proc; unavailable elsewhere. */

import { readFile } from 'node:fs/promises'
import type { ProcessReading } from '@hadal/server'

/** USER_HZ: unit of CPU time in /proc on all architectures Node.js supports. */
const ticksPerSecond = 100
const bytesPerKilobyte = 1024

/** Undefined if the process is gone or /proc is unavailable. */
export async function readProcess(pid: number): Promise<ProcessReading | undefined> {
  try {
    const folder = `/proc/${pid}`
    const [stat, status] = await Promise.all([
      readFile(`${folder}/stat`, 'utf8'),
      readFile(`${folder}/status`, 'utf8'),
    ])
    return processReading(pid, stat, status)
  } catch {
    return undefined
  }
}

/** See proc_pid_stat(5). The process name in parentheses may contain spaces and parentheses. */
export function processReading(pid: number, stat: string, status: string): ProcessReading | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [user, system] = [Number(fields[11]), Number(fields[12])]
  const resident = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1])
  if (![user, system, resident].every(Number.isFinite)) return undefined
  return {
    pid,
    cpuMillis: ((user + system) * 1000) / ticksPerSecond,
    residentBytes: resident * bytesPerKilobyte,
  }
}
