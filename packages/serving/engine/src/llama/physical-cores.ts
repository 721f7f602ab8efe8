/** The number of physical cores available to this process: two threads on one core only slow each other down. Linux only. */

import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

/** Undefined if the system does not report it. `root` is for tests. */
export function physicalCores(root = '/sys/devices/system/cpu'): number | undefined {
  try {
    const siblings = readdirSync(root)
      .filter((name) => /^cpu\d+$/.test(name))
      .map((name) => readFileSync(`${root}/${name}/topology/thread_siblings_list`, 'utf8').trim())
    if (siblings.length === 0) return undefined
    return Math.max(1, Math.min(new Set(siblings).size, availableParallelism(), cpuQuota()))
  } catch {
    return undefined
  }
}

/** Whole CPUs within a container's quota. */
function cpuQuota(): number {
  try {
    const [quota, period] = readFileSync('/sys/fs/cgroup/cpu.max', 'utf8').split(' ')
    return quota === 'max' ? Number.POSITIVE_INFINITY : Math.ceil(Number(quota) / Number(period))
  } catch {
    return Number.POSITIVE_INFINITY
  }
}
