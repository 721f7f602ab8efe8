/** Hundredths of a second that a process has computed; Linux only. */

import { readFileSync } from 'node:fs'

export function cpuTicks(pid: number | string): number {
  // `utime` and `stime`, the 14th and 15th field; the 2nd is a name in parentheses.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return Number(fields[11]) + Number(fields[12])
}
