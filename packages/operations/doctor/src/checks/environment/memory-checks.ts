/** Checks of memory: machine, container limit, and out-of-memory behaviour of the kernel. */

import { formatBytes } from '@hadal/base'
import { type Capture, textOf } from '../../capture/capture.ts'
import type { Check, Verdict } from '../check.ts'
import { factsOf, notReadOnLinux } from '../facts.ts'
import { chosenOf, readMeminfo } from './proc-texts.ts'

const GiB = 2 ** 30
const what = 'available memory'

/**
 * Bytes available to a process here, by the kernel's estimate and the cgroup's limit; undefined if
 * unreported.
 */
export function availableMemory(capture: Capture): number | undefined {
  const free =
    readMeminfo(textOf(capture, 'proc-meminfo') ?? '').get('MemAvailable') ??
    factsOf(capture, 'node').number('freeMemoryBytes')
  const cgroup = factsOf(capture, 'cgroup')
  const [limit, used] = [cgroup.number('memoryLimitBytes'), cgroup.number('memoryUsedBytes')]
  const room = limit === undefined ? undefined : Math.max(0, limit - (used ?? 0))
  const known = [free, room].filter((bytes) => bytes !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}

const memory: Check = {
  id: 'environment-memory',
  group: 'environment',
  title: 'Memory',
  reads: ['proc-meminfo', 'cgroup', 'node'],
  source: 'https://docs.kernel.org/filesystems/proc.html (MemAvailable)',
  verdict(capture) {
    const total =
      readMeminfo(textOf(capture, 'proc-meminfo') ?? '').get('MemTotal') ??
      factsOf(capture, 'node').number('memoryBytes')
    const free = availableMemory(capture)
    if (total === undefined || free === undefined) return notReadOnLinux(capture, 'proc-meminfo', what)
    const cgroup = factsOf(capture, 'cgroup')
    const limit = cgroup.number('memoryLimitBytes')
    const most = Math.min(total, limit ?? total)
    const found: Verdict[] = []
    const kills = cgroup.number('oomKills') ?? 0
    if (kills > 0)
      found.push({
        severity: 'warning',
        says: `the kernel OOM-killed ${kills === 1 ? 'a process' : `${kills} processes`} in this cgroup`,
        fix: {
          text: "Raise the container's memory limit, or use a smaller quantization or a shorter context.",
          command: 'hadal serve --context-length 4096',
        },
      })
    const about = `${formatBytes(free)} of ${formatBytes(most)} available${limit !== undefined && limit < total ? `; the machine has ${formatBytes(total)}, but the cgroup limit applies` : ''}`
    if (free < 0.05 * most || free < GiB / 4)
      found.push({
        severity: 'error',
        says: `only ${about}`,
        fix: { text: 'Find the processes that use it.', command: 'ps -eo pid,rss,comm --sort=-rss | head' },
      })
    else if (free < 0.1 * most)
      found.push({
        severity: 'warning',
        says: about,
        fix: { text: 'Find the processes that use it.', command: 'ps -eo pid,rss,comm --sort=-rss | head' },
      })
    else if (found.length === 0) found.push({ severity: 'ok', says: about })
    return found
  },
}

const swap: Check = {
  id: 'environment-swap',
  group: 'environment',
  title: 'Swap',
  reads: ['proc-meminfo'],
  verdict(capture): Verdict {
    const said = readMeminfo(textOf(capture, 'proc-meminfo') ?? '')
    const [total, free] = [said.get('SwapTotal'), said.get('SwapFree')]
    if (total === undefined || free === undefined)
      return notReadOnLinux(capture, 'proc-meminfo', 'swap usage')
    const used = Math.max(0, total - free)
    if (used > GiB || used > 0.5 * total)
      return used === 0
        ? { severity: 'ok', says: 'none' }
        : {
            severity: 'warning',
            says: `${formatBytes(used)} of ${formatBytes(total)} swap in use: an engine's swapped-out pages are read back from disk one by one`,
            fix: {
              text: 'Free memory, then swap pages back in, or lock the weights in memory with --lock-memory.',
              command: 'vmstat 1 5',
            },
          }
    return {
      severity: 'ok',
      says: total === 0 ? 'none' : `${formatBytes(used)} of ${formatBytes(total)} in use`,
    }
  },
}

const overcommit: Check = {
  id: 'environment-overcommit',
  group: 'environment',
  title: 'Overcommit',
  reads: ['proc-overcommit', 'proc-meminfo'],
  source: 'https://docs.kernel.org/mm/overcommit-accounting.html',
  verdict(capture): Verdict {
    const mode = textOf(capture, 'proc-overcommit')?.trim()
    if (mode === '0' || mode === '1') return { severity: 'ok', says: 'memory overcommit is allowed' }
    if (mode !== '2') return notReadOnLinux(capture, 'proc-overcommit', 'the memory overcommit policy')
    const said = readMeminfo(textOf(capture, 'proc-meminfo') ?? '')
    const [limit, promised] = [said.get('CommitLimit'), said.get('Committed_AS')]
    const left = limit === undefined || promised === undefined ? undefined : limit - promised
    return {
      severity: 'warning',
      says: `vm.overcommit_memory is 2: memory counts when it is reserved${left === undefined ? '' : `, with ${formatBytes(Math.max(0, left))} left`}. Node.js, CUDA and forks reserve far more than they use`,
      fix: { text: 'Allow overcommit.', command: 'sudo sysctl vm.overcommit_memory=0' },
    }
  },
}

const hugePages: Check = {
  id: 'environment-huge-pages',
  group: 'environment',
  title: 'Huge pages',
  reads: ['thp-enabled', 'proc-meminfo'],
  source: 'https://docs.kernel.org/admin-guide/mm/transhuge.html',
  verdict(capture) {
    const chosen = chosenOf(textOf(capture, 'thp-enabled') ?? '')
    const said = readMeminfo(textOf(capture, 'proc-meminfo') ?? '')
    const [count, free, size] = ['HugePages_Total', 'HugePages_Free', 'Hugepagesize'].map(
      (name) => said.get(name) ?? 0,
    )
    const found: Verdict[] = []
    const idle = free! * size!
    if (count! > 0 && idle > GiB)
      found.push({
        severity: 'warning',
        says: `${formatBytes(idle)} reserved as huge pages are unused: llama.cpp and libtorch do not use them`,
        fix: {
          text: 'Release them, unless a database on this machine uses them.',
          command: 'sudo sysctl vm.nr_hugepages=0',
        },
      })
    if (chosen === 'never')
      found.push({
        severity: 'note',
        says: 'transparent huge pages are off: large weights cause more TLB misses',
        fix: {
          text: 'Enable them for processes that request them.',
          command: 'echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/enabled',
        },
      })
    if (found.length > 0) return found
    return chosen === undefined
      ? notReadOnLinux(capture, 'thp-enabled', 'the state of transparent huge pages')
      : { severity: 'ok', says: `transparent huge pages: ${chosen}` }
  },
}

export const memoryChecks: readonly Check[] = [memory, swap, overcommit, hugePages]
