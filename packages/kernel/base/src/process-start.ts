/** Distinguishes a process from a later one with the same pid. */

import { readFileSync } from 'node:fs'

/**
 * An identifier of a process's lifetime: its start time, if the system reports it; undefined if there is no such process. A
 * zombie counts as none.
 *
 * @internal
 */
export function processStart(pid: number): string | undefined {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined
  const stat = readStat(pid)
  if (stat !== undefined) {
    // The name before it may contain anything, including parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19]
  }
  try {
    process.kill(pid, 0)
    return 'running'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? 'running' : undefined
  }
}

function readStat(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return undefined
  }
}
