/** Checks of processors: features, count, and container limit. */

import { textOf } from '../../capture/capture.ts'
import type { Check, Verdict } from '../check.ts'
import { factsOf, notRead, notReadOnLinux } from '../facts.ts'
import { readCpuFlags } from './proc-texts.ts'

/** What makes products of matrices fast, from the newest on: in the kernels of llama.cpp and oneDNN. */
const x86Features: readonly (readonly [flag: string, name: string])[] = [
  ['amx_int8', 'AMX'],
  ['avx512_bf16', 'AVX-512 BF16'],
  ['avx512_vnni', 'AVX-512 VNNI'],
  ['avx512f', 'AVX-512'],
  ['avx_vnni', 'AVX-VNNI'],
  ['avx2', 'AVX2'],
  ['fma', 'FMA'],
]
const armFeatures: readonly (readonly [flag: string, name: string])[] = [
  ['i8mm', 'int8 matrix products'],
  ['sve2', 'SVE2'],
  ['sve', 'SVE'],
  ['asimddp', 'dot products'],
  ['asimd', 'NEON'],
]

const features: Check = {
  id: 'environment-cpu-features',
  group: 'environment',
  title: 'Processor features',
  reads: ['proc-cpuinfo', 'node'],
  source: 'https://github.com/ggml-org/llama.cpp/blob/master/ggml/src/CMakeLists.txt (GGML_CPU_ALL_VARIANTS)',
  verdict(capture): Verdict {
    const flags = readCpuFlags(textOf(capture, 'proc-cpuinfo') ?? '')
    if (flags === undefined) return notReadOnLinux(capture, 'proc-cpuinfo', 'the processor features')
    const isArm = flags.has('asimd') || flags.has('fp')
    const known = (isArm ? armFeatures : x86Features).flatMap(([flag, name]) => (flags.has(flag) ? name : []))
    if (isArm)
      return flags.has('asimddp')
        ? { severity: 'ok', says: known.join(', ') }
        : {
            severity: 'warning',
            says: 'the processor has no 8-bit dot product instructions: quantized models are several times slower',
            fix: { text: 'Use an Armv8.2 or newer processor (Neoverse N1, Apple M1).' },
          }
    if (flags.has('avx2') && flags.has('fma')) return { severity: 'ok', says: known.join(', ') }
    const missing = ['avx2', 'fma'].filter((flag) => !flags.has(flag)).join(' and ')
    return {
      severity: flags.has('sse4_2') ? 'warning' : 'error',
      says: flags.has('sse4_2')
        ? `no ${missing}: llama.cpp falls back to its slowest kernels`
        : 'no SSE 4.2: the kernels of llama.cpp do not run here (SIGILL)',
      fix: {
        text: flags.has('hypervisor')
          ? 'In a virtual machine, pass the host CPU features through (QEMU: -cpu host).'
          : 'Use a processor from 2013 or later.',
      },
    }
  },
}

const cores: Check = {
  id: 'environment-cores',
  group: 'environment',
  title: 'Cores',
  reads: ['node', 'cgroup', 'environment'],
  source: 'https://docs.kernel.org/admin-guide/cgroup-v2.html (cpu.max, cpuset.cpus)',
  verdict(capture): Verdict {
    const node = factsOf(capture, 'node')
    const cgroup = factsOf(capture, 'cgroup')
    const seen = node.number('availableProcessors')
    if (seen === undefined) return notRead(capture, 'node', 'the number of processors')
    const physical = node.number('physicalCores')
    const quota = cgroup.number('cpuQuota')
    const about =
      physical === undefined || physical === seen
        ? `${seen} processors`
        : `${seen} processors on ${physical} cores`
    if (quota === undefined || quota >= seen)
      return !cgroup.isThere && node.text('platform') === 'linux'
        ? notRead(capture, 'cgroup', 'the cgroup limits')
        : { severity: 'ok', says: about }
    const whole = Math.max(1, Math.floor(quota))
    const allowed = `${about} visible, but the cgroup allows ${shown(quota)}`
    if (quota < 1)
      return {
        severity: 'warning',
        says: `${allowed}: engine steps are throttled until the next quota period`,
        fix: {
          text: 'Give the container whole processors: `resources.limits.cpu` in Kubernetes, or `--cpus` with docker.',
          command: 'docker run --cpus 2 ...',
        },
      }
    const threads = Number(factsOf(capture, 'environment').text('OMP_NUM_THREADS'))
    if (Number.isInteger(threads) && threads >= 1 && threads <= Math.ceil(quota))
      return { severity: 'ok', says: `${allowed}; OMP_NUM_THREADS=${threads} matches` }
    return {
      severity: 'warning',
      says: `${allowed}: OpenMP, BLAS and libtorch start ${seen} threads that compete for them`,
      fix: { text: 'Set the number of threads.', command: `export OMP_NUM_THREADS=${whole}` },
    }
  },
}

/** Share of the active periods. */
const muchThrottled = 0.1
const fewestPeriods = 100

const throttled: Check = {
  id: 'environment-cpu-throttled',
  group: 'environment',
  title: 'Processor time',
  reads: ['cgroup'],
  source: 'https://docs.kernel.org/admin-guide/cgroup-v2.html (cpu.stat)',
  verdict(capture): Verdict {
    const cgroup = factsOf(capture, 'cgroup')
    if (!cgroup.isThere) return notReadOnLinux(capture, 'cgroup', 'the throttling of the cgroup')
    const periods = cgroup.number('cpuPeriods') ?? 0
    const stopped = cgroup.number('cpuThrottledPeriods') ?? 0
    if (periods < fewestPeriods) return { severity: 'ok', says: 'no CPU quota applies to this process' }
    const share = stopped / periods
    if (share < muchThrottled)
      return { severity: 'ok', says: `throttled by its CPU quota in ${percent(share)} of periods` }
    return {
      severity: 'warning',
      says: `the CPU quota throttled this cgroup in ${percent(share)} of ${periods} periods: latency has gaps of up to 100 ms`,
      fix: {
        text: "Raise the container's CPU limit, or start fewer threads.",
        command: 'hadal serve --threads 2',
      },
    }
  },
}

const shown = (cores: number): string => String(Math.round(cores * 100) / 100)
const percent = (share: number): string => `${Math.round(share * 100)} %`

export const processorChecks: readonly Check[] = [features, cores, throttled]
