import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { probeCgroup } from './cgroup.ts'

const base = mkdtempSync(join(tmpdir(), 'hadal-cgroup-'))
afterAll(() => rmSync(base, { recursive: true }))

let machines = 0
async function probe(files: Readonly<Record<string, string>>) {
  const root = join(base, String(++machines))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return probeCgroup(join(root, 'proc'), root)
}

it('version 2: the narrowest of the group and those above it counts', async () => {
  expect(
    await probe({
      'proc/cgroup': '0::/pods/one\n',
      'proc/mounts': 'cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0\n',
      'sys/fs/cgroup/pods/cpu.max': '150000 100000\n',
      'sys/fs/cgroup/pods/memory.max': '1073741824\n',
      'sys/fs/cgroup/pods/one/cpu.max': 'max 100000\n',
      'sys/fs/cgroup/pods/one/memory.max': '2147483648\n',
      'sys/fs/cgroup/pods/one/memory.current': '300000000\n',
      'sys/fs/cgroup/pods/one/memory.stat': 'anon 1\ninactive_file 100000000\n',
      'sys/fs/cgroup/pods/one/memory.events': 'low 0\noom 3\noom_kill 2\n',
      'sys/fs/cgroup/pods/one/cpu.stat': 'usage_usec 5\nnr_periods 1000\nnr_throttled 250\n',
      'sys/fs/cgroup/pods/one/pids.max': 'max\n',
    }),
  ).toEqual({
    version: 2,
    cpuQuota: 1.5,
    memoryLimitBytes: 1073741824,
    memoryUsedBytes: 200000000,
    oomKills: 2,
    cpuPeriods: 1000,
    cpuThrottledPeriods: 250,
  })
})

it('version 2 in a container that shows the path of its host: the mount itself', async () => {
  expect(
    await probe({
      'proc/cgroup': '0::/../../kubepods/burstable/pod1\n',
      'proc/mounts': 'cgroup /sys/fs/cgroup cgroup2 ro 0 0\n',
      'sys/fs/cgroup/cpu.max': '50000 100000\n',
    }),
  ).toEqual({ version: 2, cpuQuota: 0.5 })
})

it('version 1, with controllers apart and a quota of -1 that is none', async () => {
  expect(
    await probe({
      'proc/cgroup': '9:name=systemd:/\n4:memory:/a\n1:cpu,cpuacct:/a\n0::/\n',
      'proc/mounts':
        'cgroup /c/cpu,cpuacct cgroup rw,cpu,cpuacct 0 0\ncgroup /c/memory cgroup rw,memory 0 0\ncgroup2 /c/unified cgroup2 rw 0 0\n',
      'c/cpu,cpuacct/a/cpu.cfs_quota_us': '-1\n',
      'c/cpu,cpuacct/a/cpu.cfs_period_us': '100000\n',
      'c/cpu,cpuacct/cpu.cfs_quota_us': '200000\n',
      'c/cpu,cpuacct/cpu.cfs_period_us': '100000\n',
      'c/memory/a/memory.limit_in_bytes': '536870912\n',
      'c/memory/memory.limit_in_bytes': '9223372036854771712\n',
      'c/memory/a/memory.usage_in_bytes': '1000\n',
      'c/memory/a/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 1\n',
    }),
  ).toEqual({ version: 1, cpuQuota: 2, memoryLimitBytes: 536870912, memoryUsedBytes: 1000, oomKills: 1 })
})

it('no limits are none, and without cgroups there is nothing', async () => {
  expect(
    await probe({
      'proc/cgroup': '0::/\n',
      'proc/mounts': 'cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n',
      'sys/fs/cgroup/memory.max': 'max\n',
      'sys/fs/cgroup/cpu.max': 'broken',
    }),
  ).toEqual({ version: 2 })
  expect(await probe({})).toBeUndefined()
})
