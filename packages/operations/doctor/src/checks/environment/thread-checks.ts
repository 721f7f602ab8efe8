/** Variables that decide how many threads compute and where, and the BLAS that they mean. */

import type { Capture } from '../../capture/capture.ts'
import type { Check, Verdict } from '../check.ts'
import { factsOf, notRead } from '../facts.ts'

/** Each is read by another library, and none by llama.cpp. */
const threadVariables = [
  'OMP_NUM_THREADS',
  'OPENBLAS_NUM_THREADS',
  'MKL_NUM_THREADS',
  'BLIS_NUM_THREADS',
] as const

/** Processors this process may use, by affinity and quota; undefined if unreported. */
export function allowedProcessors(capture: Capture): number | undefined {
  const seen = factsOf(capture, 'node').number('availableProcessors')
  const quota = factsOf(capture, 'cgroup').number('cpuQuota')
  if (seen === undefined) return undefined
  return quota === undefined ? seen : Math.max(1, Math.min(seen, Math.ceil(quota)))
}

const threads: Check = {
  id: 'environment-thread-variables',
  group: 'environment',
  title: 'Thread variables',
  reads: ['environment', 'node', 'cgroup'],
  source: 'https://www.openmp.org/spec-html/5.0/openmpse50.html (OMP_NUM_THREADS)',
  verdict(capture) {
    const environment = factsOf(capture, 'environment')
    const allowed = allowedProcessors(capture)
    if (!environment.isThere) return notRead(capture, 'environment', 'the thread variables')
    if (allowed === undefined) return notRead(capture, 'node', 'the number of processors')
    const found: Verdict[] = []
    for (const name of threadVariables) {
      const given = environment.text(name)
      if (given === undefined || given === '') continue
      // OMP_NUM_THREADS may have a number for each level of nesting.
      const count = Number(given.split(',')[0])
      if (!Number.isInteger(count) || count < 1)
        found.push({
          severity: 'warning',
          says: `${name}=${given} is not a valid number of threads and is ignored`,
          fix: { text: 'Set a whole number.', command: `export ${name}=${allowed}` },
        })
      else if (count > allowed)
        found.push({
          severity: 'warning',
          says: `${name}=${count} on ${allowed} processors: threads are oversubscribed, and each waits for the slowest`,
          fix: { text: 'Set at most the number of processors.', command: `export ${name}=${allowed}` },
        })
      else if (count === 1 && allowed > 1 && name === 'OMP_NUM_THREADS')
        found.push({
          severity: 'note',
          says: `OMP_NUM_THREADS=1: training uses one of ${allowed} processors`,
          fix: {
            text: 'This is correct for several ranks on one machine. Otherwise, raise it.',
            command: `export OMP_NUM_THREADS=${allowed}`,
          },
        })
    }
    found.push(...affinityFindings(environment.text('GOMP_CPU_AFFINITY'), 'GOMP_CPU_AFFINITY', allowed))
    const bind = environment.text('OMP_PROC_BIND')
    if (
      bind !== undefined &&
      /^(true|close|spread|master|primary)$/i.test(bind) &&
      environment.text('OMP_PLACES') === undefined
    )
      found.push({
        severity: 'note',
        says: `OMP_PROC_BIND=${bind} pins threads to processors: two such processes on one machine share the same ones`,
        fix: {
          text: 'With several ranks, set OMP_PLACES for each, or do not pin threads.',
          command: 'unset OMP_PROC_BIND',
        },
      })
    if (found.length > 0) return found
    const said = threadVariables.filter((name) => (environment.text(name) ?? '') !== '')
    return {
      severity: 'ok',
      says:
        said.length === 0
          ? 'none is set: each library detects the processors itself'
          : said.map((name) => `${name}=${environment.text(name)}`).join(', '),
    }
  },
}

/** `0-3 5`, `0-15:2`: processors that threads are bound to, in turn. */
function affinityFindings(list: string | undefined, name: string, allowed: number): Verdict[] {
  if (list === undefined || list.trim() === '') return []
  const bound = new Set<number>()
  for (const part of list
    .trim()
    .split(/[\s,]+/)
    .slice(0, 1024)) {
    const match = /^(\d{1,5})(?:-(\d{1,5})(?::(\d{1,5}))?)?$/.exec(part)
    if (match === null)
      return [
        {
          severity: 'warning',
          says: `${name}=${list} is not a list of processors`,
          fix: { text: 'Remove it, or use a range such as 0-3.', command: `unset ${name}` },
        },
      ]
    const [from, to, step] = [
      Number(match[1]),
      Number(match[2] ?? match[1]),
      Math.max(1, Number(match[3] ?? 1)),
    ]
    for (let at = from; at <= to; at += step) bound.add(at)
  }
  if (bound.size >= allowed) return []
  return [
    {
      severity: 'warning',
      says: `${name}=${list} pins all threads to ${bound.size} of ${allowed} processors`,
      fix: {
        text: 'Remove it, or list one processor per thread.',
        command: `unset ${name}`,
      },
    },
  ]
}

const blas: Check = {
  id: 'environment-blas',
  group: 'environment',
  title: 'BLAS',
  reads: ['blas'],
  source: 'https://github.com/OpenMathLib/OpenBLAS/wiki/Faq (multi-threading)',
  verdict(capture): Verdict {
    const reading = capture.readings.blas
    const library = factsOf(capture, 'blas').text('library')
    if (library === undefined)
      return reading !== undefined && 'failed' in reading && reading.failed === 'absent'
        ? { severity: 'skipped', says: 'no system BLAS: libtorch wheels include their own' }
        : notRead(capture, 'blas', 'the system BLAS')
    const kind = /openblas-(pthread|openmp|serial)|mkl|blis|atlas|\/blas\/libblas/i
      .exec(library)?.[0]
      .toLowerCase()
    if (kind === 'openblas-pthread')
      return {
        severity: 'warning',
        says: "OpenBLAS has its own thread pool next to libtorch's OpenMP: each starts one thread per processor",
        fix: {
          text: 'Install the OpenMP build, which shares the threads.',
          command: 'sudo apt-get install libopenblas0-openmp',
        },
        evidence: [library],
      }
    if (kind === 'openblas-serial')
      return {
        severity: 'note',
        says: 'OpenBLAS without threads: large matrix products use one processor',
        fix: { text: 'Install the OpenMP build.', command: 'sudo apt-get install libopenblas0-openmp' },
        evidence: [library],
      }
    if (kind?.startsWith('/blas') || kind === 'atlas')
      return {
        severity: 'warning',
        says: 'the reference BLAS is installed: matrix products are about ten times slower than with OpenBLAS',
        fix: { text: 'Install OpenBLAS with OpenMP.', command: 'sudo apt-get install libopenblas0-openmp' },
        evidence: [library],
      }
    return { severity: 'ok', says: kind === 'openblas-openmp' ? 'OpenBLAS with OpenMP' : library }
  },
}

export const threadChecks: readonly Check[] = [threads, blas]
