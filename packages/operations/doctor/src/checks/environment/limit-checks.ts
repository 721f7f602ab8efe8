/** Limits of this process: open files, processes. */

import { connectionsWithin, descriptorsFor, readLimits } from '@hadal/base'
import { textOf } from '../../capture/capture.ts'
import type { Check, Verdict } from '../check.ts'
import { factsOf, notReadOnLinux } from '../facts.ts'

/** Default `maxConnections` of a service. */
const usualConnections = 4096

const openFiles: Check = {
  id: 'environment-open-files',
  group: 'environment',
  title: 'Open files',
  reads: ['proc-limits', 'service-config'],
  source: 'getrlimit(2)',
  verdict(capture): Verdict {
    const soft = readLimits(textOf(capture, 'proc-limits') ?? '').get('Max open files')
    if (soft === undefined) return notReadOnLinux(capture, 'proc-limits', 'the open-file limit')
    const connections = factsOf(capture, 'service-config').number('maxConnections') ?? usualConnections
    const wanted = descriptorsFor(connections)
    if (soft >= wanted)
      return {
        severity: 'ok',
        says: soft === Number.POSITIVE_INFINITY ? 'unlimited' : `limit of ${soft} open files`,
      }
    return {
      severity: soft < 1024 ? 'error' : 'warning',
      says: `the open-file limit is ${soft}: the service accepts at most ${connectionsWithin(soft)} of its ${connections} connections`,
      fix: {
        text: 'Raise the limit: LimitNOFILE in the systemd unit, or --ulimit with docker.',
        command: `ulimit -n ${2 ** Math.ceil(Math.log2(wanted))}`,
      },
    }
  },
}

const fewestProcesses = 1024

const processes: Check = {
  id: 'environment-processes',
  group: 'environment',
  title: 'Processes',
  reads: ['proc-limits', 'cgroup'],
  source: 'getrlimit(2); https://docs.kernel.org/admin-guide/cgroup-v2.html (pids.max)',
  verdict(capture): Verdict {
    const soft = readLimits(textOf(capture, 'proc-limits') ?? '').get('Max processes')
    if (soft === undefined) return notReadOnLinux(capture, 'proc-limits', 'the process limit')
    const most = Math.min(soft, factsOf(capture, 'cgroup').number('pidsMax') ?? soft)
    if (most >= fewestProcesses)
      return {
        severity: 'ok',
        says: most === Number.POSITIVE_INFINITY ? 'unlimited' : `limit of ${most} threads and processes`,
      }
    return {
      severity: 'warning',
      says: `limit of ${most} threads and processes: an engine uses dozens, and a training rank one per processor`,
      fix: {
        text: 'Raise the limit: TasksMax in the systemd unit, or --pids-limit with docker.',
        command: 'ulimit -u 4096',
      },
    }
  },
}

export const limitChecks: readonly Check[] = [openFiles, processes]
