/** Tells a process from a later one that got the same number. */

import { readFileSync } from 'node:fs'

/**
 * Something that is the same as long as the process lives and different for the next one of this number: when it was
 * started, where the system says; undefined when there is none. A process that has ended and was not waited for is none.
 *
 * @internal
 */
export function processStart(pid: number): string | undefined {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined
  const stat = readStat(pid)
  if (stat !== undefined) {
    // The name before it may hold anything, brackets too.
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
