/** Limits further growth of this process, so that allocations fail as on a smaller machine. Linux only. */

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const pageBytes = 4096

export const prlimitPath = '/usr/bin/prlimit'

export function limitGrowth(mebibytes: number): void {
  const [pages] = readFileSync('/proc/self/statm', 'latin1').split(' ').map(Number)
  const most = pages! * pageBytes + mebibytes * 2 ** 20
  execFileSync(prlimitPath, ['--pid', String(process.pid), `--as=${most}`])
}
