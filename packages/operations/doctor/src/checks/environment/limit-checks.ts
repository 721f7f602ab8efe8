/** Limits of this process: open files, processes. */

import { textOf } from '../../capture/capture.ts'
import type { Check, Verdict } from '../check.ts'
import { factsOf, notReadOnLinux } from '../facts.ts'
import { readLimits } from './proc-texts.ts'

/** `maxConnections` of a service, unless it says otherwise, and what it needs alongside. */
const usualConnections = 4096
const reservedDescriptors = 256

const openFiles: Check = {
  id: 'environment-open-files',
  group: 'environment',
  title: 'Open files',
  reads: ['proc-limits', 'service-config'],
  source: 'getrlimit(2)',
  verdict(capture): Verdict {
    const soft = readLimits(textOf(capture, 'proc-limits') ?? '').get('Max open files')
    if (soft === undefined) return notReadOnLinux(capture, 'proc-limits', 'how many files may be open')
    const connections = factsOf(capture, 'service-config').number('maxConnections') ?? usualConnections
    const wanted = connections + reservedDescriptors
    if (soft >= wanted)
      return { severity: 'ok', says: soft === Number.POSITIVE_INFINITY ? 'unlimited' : `${soft} may be open` }
    return {
      severity: soft < 1024 ? 'error' : 'warning',
      says: `${soft} files may be open, and the service takes ${connections} connections: beyond ${Math.max(0, soft - reservedDescriptors)} it drops them (EMFILE)`,
      fix: {
        text: 'Raise the limit: LimitNOFILE of a systemd unit, --ulimit of docker.',
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
    if (soft === undefined) return notReadOnLinux(capture, 'proc-limits', 'how many processes there may be')
    const most = Math.min(soft, factsOf(capture, 'cgroup').number('pidsMax') ?? soft)
    if (most >= fewestProcesses)
      return {
        severity: 'ok',
        says: most === Number.POSITIVE_INFINITY ? 'unlimited' : `${most} threads and processes`,
      }
    return {
      severity: 'warning',
      says: `${most} threads and processes: an engine has some dozens, a rank of training as many as processors`,
      fix: {
        text: 'Raise the limit: TasksMax of a systemd unit, --pids-limit of docker.',
        command: 'ulimit -u 4096',
      },
    }
  },
}

export const limitChecks: readonly Check[] = [openFiles, processes]
