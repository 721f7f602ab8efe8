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
  // The first processor represents all; the file takes a megabyte on a machine with 256.
  file('proc-cpuinfo', '/proc/cpuinfo', 'processor features', 65_536),
  file('proc-limits', '/proc/self/limits', 'limits of this process'),
  file('proc-overcommit', '/proc/sys/vm/overcommit_memory', 'the memory overcommit policy'),
  file('thp-enabled', '/sys/kernel/mm/transparent_hugepage/enabled', 'transparent huge pages'),
  {
    name: 'timedatectl',
    about: 'NTP synchronization',
    read: {
      kind: 'command',
      command: ['timedatectl', 'show', '--property=NTPSynchronized'],
      limitMillis: 3_000,
    },
  },
  probe('node', 'versions, platform, processors, memory and user as reported by Node.js'),
  probe('cgroup', "limits of the process's cgroup and its parents, version 1 and 2"),
  probe('environment', 'thread, proxy and Node.js variables, without passwords'),
  probe(
    'disks',
    'type and free space of the file systems of models, temporary files, the working folder and /dev/shm',
  ),
  probe('blas', 'the library that libblas.so.3 resolves to'),
  probe('llama', 'a bundled model, loaded by llama.cpp in a separate process, and one generated token'),
  probe('libtorch', 'the tensor addon, loaded in a separate process, and one sum'),
]
