/** Limits of this process's cgroup and its ancestors: the lowest applies. Supports version 2, version 1 and hybrid. */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface CgroupFacts {
  readonly version: 1 | 2
  /** Processors, also parts of one: 1.5. */
  readonly cpuQuota?: number
  readonly memoryLimitBytes?: number
  readonly memoryUsedBytes?: number
  readonly pidsMax?: number
  readonly oomKills?: number
  readonly cpuPeriods?: number
  readonly cpuThrottledPeriods?: number
}

/** Larger values mean no limit: version 1 reports 2^63, rounded down to pages. */
const noLimit = 2 ** 60

/** Undefined without a cgroup. `proc` and `root` are for tests. */
export async function probeCgroup(proc = '/proc/self', root?: string): Promise<CgroupFacts | undefined> {
  const own = await read(join(proc, 'cgroup'))
  const mounts = await read(join(proc, 'mounts'))
  if (own === undefined || mounts === undefined) return undefined
  const groups = own.split('\n').flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    return path === undefined ? [] : { controllers: controllers === '' ? [] : controllers!.split(','), path }
  })
  const mounted = mounts.split('\n').flatMap((line) => {
    const [, place = '', kind, options = ''] = line.split(' ')
    if (kind !== 'cgroup' && kind !== 'cgroup2') return []
    return {
      place: root === undefined ? unescaped(place) : join(root, unescaped(place)),
      isNew: kind === 'cgroup2',
      options: options.split(','),
    }
  })
  // A controller is in version 1 or in version 2, never in both.
  const foldersFor = (controller: string): Folders => {
    const old = groups.find(({ controllers }) => controllers.includes(controller))
    const mount = mounted.find(({ isNew, options }) =>
      old === undefined ? isNew : !isNew && options.includes(controller),
    )
    const path = (old ?? groups.find(({ controllers }) => controllers.length === 0))?.path
    if (mount === undefined || path === undefined) return { folders: [], isNew: old === undefined }
    return { folders: withParents(mount.place, path), isNew: mount.isNew }
  }
  const [cpu, memory, pids] = [foldersFor('cpu'), foldersFor('memory'), foldersFor('pids')]
  const [quota, limit, used, kills, stat, most] = await Promise.all([
    narrowest(cpu.folders, (folder) => (cpu.isNew ? quotaOf(folder) : oldQuotaOf(folder))),
    narrowest(memory.folders, (folder) =>
      number(join(folder, memory.isNew ? 'memory.max' : 'memory.limit_in_bytes')),
    ),
    first(memory.folders, (folder) => usedOf(folder, memory.isNew)),
    first(memory.folders, (folder) =>
      field(join(folder, memory.isNew ? 'memory.events' : 'memory.oom_control'), 'oom_kill'),
    ),
    first(cpu.folders, (folder) => read(join(folder, 'cpu.stat'))),
    narrowest(pids.folders, (folder) => number(join(folder, 'pids.max'))),
  ])
  const said = {
    cpuQuota: quota,
    memoryLimitBytes: limit,
    memoryUsedBytes: used,
    pidsMax: most,
    oomKills: kills,
    cpuPeriods: fieldOf(stat, 'nr_periods'),
    cpuThrottledPeriods: fieldOf(stat, 'nr_throttled'),
  }
  const known = Object.entries(said).filter(([, value]) => value !== undefined)
  return { version: memory.isNew ? 2 : 1, ...Object.fromEntries(known) }
}

/** From the process's own group to the mount. */
interface Folders {
  readonly folders: readonly string[]
  readonly isNew: boolean
}

/** `/a/b` under a mount: that, `/a`, and the mount. In a container the path may be of the host: then only the mount is there. */
function withParents(place: string, path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '' && part !== '..')
  return Array.from({ length: parts.length + 1 }, (_, dropped) =>
    join(place, ...parts.slice(0, parts.length - dropped)),
  )
}

async function narrowest(
  folders: readonly string[],
  limitOf: (folder: string) => Promise<number | undefined>,
): Promise<number | undefined> {
  const limits = await Promise.all(folders.map(limitOf))
  const real = limits.filter((limit) => limit !== undefined && limit >= 0 && limit < noLimit) as number[]
  return real.length === 0 ? undefined : Math.min(...real)
}

/** Value of the nearest group that has one. */
async function first<T>(
  folders: readonly string[],
  find: (folder: string) => Promise<T | undefined>,
): Promise<T | undefined> {
  for (const folder of folders) {
    const found = await find(folder)
    if (found !== undefined) return found
  }
  return undefined
}

/** `150000 100000` of cpu.max; `max` is none. */
async function quotaOf(folder: string): Promise<number | undefined> {
  const [quota, period] = ((await read(join(folder, 'cpu.max'))) ?? '').trim().split(/\s+/).map(Number)
  return ratio(quota, period)
}

async function oldQuotaOf(folder: string): Promise<number | undefined> {
  const quota = await number(join(folder, 'cpu.cfs_quota_us'))
  return quota === undefined || quota <= 0
    ? undefined
    : ratio(quota, await number(join(folder, 'cpu.cfs_period_us')))
}

const ratio = (quota: number | undefined, period: number | undefined): number | undefined =>
  quota !== undefined && period !== undefined && quota > 0 && period > 0 ? quota / period : undefined

/** Without what the kernel would drop at once: file pages that were not used recently. */
async function usedOf(folder: string, isNew: boolean): Promise<number | undefined> {
  const used = await number(join(folder, isNew ? 'memory.current' : 'memory.usage_in_bytes'))
  const idle =
    (await field(join(folder, 'memory.stat'), isNew ? 'inactive_file' : 'total_inactive_file')) ?? 0
  return used === undefined ? undefined : Math.max(0, used - idle)
}

async function number(path: string): Promise<number | undefined> {
  const text = (await read(path))?.trim()
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined
}

const field = async (path: string, name: string): Promise<number | undefined> =>
  fieldOf(await read(path), name)

function fieldOf(text: string | undefined, name: string): number | undefined {
  const value = text
    ?.split('\n')
    .find((line) => line.startsWith(`${name} `))
    ?.slice(name.length + 1)
  return value !== undefined && /^\d+$/.test(value) ? Number(value) : undefined
}

const read = (path: string): Promise<string | undefined> => readFile(path, 'utf8').catch(() => undefined)

/** Spaces in mounts are `\040`. */
const unescaped = (path: string): string =>
  path.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
