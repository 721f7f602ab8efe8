/** A capture of a machine that is well, with what a test says otherwise. */

import { allChecks, type Capture, type Finding, type RawReading, runChecks } from '@hadal/doctor'

type Given = Readonly<Record<string, string | object | undefined>>

const well: Given = {
  node: {
    version: 'v22.12.0',
    platform: 'linux',
    glibc: '2.36',
    availableProcessors: 8,
    physicalCores: 4,
    memoryBytes: 32 * 2 ** 30,
    freeMemoryBytes: 20 * 2 ** 30,
    uid: 1000,
  },
  cgroup: { version: 2 },
  environment: {},
  blas: { library: '/usr/lib/x86_64-linux-gnu/openblas-openmp/libblas.so.3' },
  disks: {
    folders: ['models', 'temporary files', 'working folder', 'shared memory'].map((use) => ({
      use,
      path: `/${use.replace(' ', '-')}`,
      type: 'ef53',
      totalBytes: 500 * 2 ** 30,
      freeBytes: 200 * 2 ** 30,
      totalInodes: 1000,
      freeInodes: 900,
      isWritable: true,
    })),
  },
  llama: { model: 'nano', millis: 900, tokens: 1, choices: ['threads: 4 (physical cores)'] },
  libtorch: { version: '2.6.0', threads: 8, cuda: false, blas: 'OpenBLAS', sum: 6 },
  'proc-meminfo':
    'MemTotal:       33554432 kB\nMemAvailable:   20971520 kB\nSwapTotal:             0 kB\nSwapFree:              0 kB\nCommitLimit:    16777216 kB\nCommitted_AS:    4194304 kB\nHugePages_Total:       0\nHugePages_Free:        0\nHugepagesize:       2048 kB\n',
  'proc-cpuinfo':
    'processor\t: 0\nflags\t\t: fpu sse4_2 avx avx2 fma avx512f\n\nprocessor\t: 1\nflags\t\t: fpu\n',
  'proc-limits':
    'Limit                     Soft Limit           Hard Limit           Units     \nMax processes             96365                96365                processes \nMax open files            1048576              1048576              files     \nMax locked memory         8388608              8388608              bytes     \n',
  'proc-overcommit': '0\n',
  'thp-enabled': 'always [madvise] never\n',
  timedatectl: 'NTPSynchronized=yes\n',
  'service-config': {
    isValid: true,
    file: 'hadal.config.ts',
    host: '127.0.0.1',
    port: 8080,
    maxConnections: 4096,
    lockMemory: false,
    guard: 'default',
    hasTls: false,
    hasDatabase: false,
  },
  'service-keys': {
    apiKeys: 0,
    adminKeys: 0,
    hasDatabase: false,
    isOpen: false,
    allowKeyless: false,
    weak: [],
  },
  'service-models': {
    isRemote: false,
    models: [{ ref: 'nano', state: 'whole', kind: 'GGUF Q8_0', bytes: 6_000_000, isLoadedAtStart: true }],
  },
  'service-ports': { ports: [{ host: '127.0.0.1', port: 8080, state: 'free' }] },
  'service-folders': { folders: [] },
  'service-upstreams': { upstreams: [] },
}

export const takenAt: number = Date.parse('2026-06-01T12:00:00Z')

/** Objects are probes' JSON, merged into that of the healthy machine; undefined: not read. */
export function captureOf(given: Given = {}): Capture {
  const readings: Record<string, RawReading> = {}
  for (const [name, said] of Object.entries({ ...well, ...given })) {
    if (said === undefined) continue
    if (typeof said === 'string') readings[name] = { text: said }
    else if ('failed' in said) readings[name] = said as RawReading
    else {
      const base = well[name]
      readings[name] = { text: JSON.stringify(typeof base === 'object' ? { ...base, ...said } : said) }
    }
  }
  return { version: 1, takenAt, readings }
}

/** Findings of this check alone. */
export const judge = (id: string, given: Given = {}): readonly Finding[] =>
  runChecks(
    allChecks.filter((check) => check.id === id),
    captureOf(given),
  ).findings
