/** The table of environment checks, and their sources. */

import type { Source } from '../../capture/capture.ts'
import type { Check } from '../check.ts'
import { diskChecks } from './disk-checks.ts'
import { libraryChecks } from './library-checks.ts'
import { limitChecks } from './limit-checks.ts'
import { memoryChecks } from './memory-checks.ts'
import { nodeChecks } from './node-checks.ts'
import { processorChecks } from './processor-checks.ts'
import { threadChecks } from './thread-checks.ts'

export const environmentChecks: readonly Check[] = [
  ...nodeChecks,
  ...processorChecks,
  ...threadChecks,
  ...memoryChecks,
  ...diskChecks,
  ...limitChecks,
  ...libraryChecks,
]

const file = (name: string, path: string, about: string, maxBytes?: number): Source => ({
  name,
  about,
  read: { kind: 'file', path, ...(maxBytes !== undefined && { maxBytes }) },
})

const probe = (name: string, about: string): Source => ({ name, about, read: { kind: 'probe' } })

export const environmentSources: readonly Source[] = [
  file('proc-meminfo', '/proc/meminfo', 'memory, swap and huge pages'),
  // The first processor says what all can; a machine of 256 would say it for a megabyte.
  file('proc-cpuinfo', '/proc/cpuinfo', 'what processors can', 65_536),
  file('proc-limits', '/proc/self/limits', 'limits of this process'),
  file('proc-overcommit', '/proc/sys/vm/overcommit_memory', 'whether memory may be promised'),
  file('thp-enabled', '/sys/kernel/mm/transparent_hugepage/enabled', 'transparent huge pages'),
  {
    name: 'timedatectl',
    about: 'whether NTP keeps the clock',
    read: {
      kind: 'command',
      command: ['timedatectl', 'show', '--property=NTPSynchronized'],
      limitMillis: 3_000,
    },
  },
  probe('node', 'versions, platform, processors, memory and user, as Node.js tells them'),
  probe('cgroup', 'limits of the cgroup of this process and those above it, version 1 and 2'),
  probe('environment', 'variables of threads, proxies and Node.js, without passwords'),
  probe('disks', 'room and kind of the file systems of models, temporary files, this folder and /dev/shm'),
  probe('blas', 'which library stands behind libblas.so.3'),
  probe('llama', 'a bundled model, loaded by llama.cpp in a process of its own, and one token of it'),
  probe('libtorch', 'the tensor addon, loaded in a process of its own, and a sum'),
]
