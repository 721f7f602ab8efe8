import { allChecks, runChecks } from '@hadal/doctor'
import { describe, expect, it } from 'vitest'
import { captureOf, judge } from './capture-of.ts'

const own = allChecks.filter(({ group }) => group === 'environment' || group === 'service')

it('finds nothing on a machine that is well', () => {
  const worse = runChecks(own, captureOf()).findings.filter(
    ({ severity }) => !['ok', 'skipped'].includes(severity),
  )
  expect(worse).toEqual([])
})

const GiB = 2 ** 30
const disk = (changed: object, use = 'models') => ({
  disks: {
    folders: [
      {
        use,
        path: '/m',
        type: 'ef53',
        totalBytes: 500 * GiB,
        freeBytes: 200 * GiB,
        isWritable: true,
        ...changed,
      },
    ],
  },
})

describe.each<
  [
    id: string,
    cases: readonly (readonly [
      given: Parameters<typeof captureOf>[0],
      severity: string,
      says: RegExp,
      command?: string,
    ])[],
  ]
>([
  [
    'environment-node-version',
    [
      [{ node: { version: 'v18.20.0' } }, 'error', /too old: Hadal needs 20\.19\.0/, 'nvm install 22'],
      [{ node: { version: 'v20.9.0' } }, 'error', /too old: Hadal needs 20\.19\.0/],
      [{ node: { version: 'v20.19.0' } }, 'note', /since 2026-04-30/, 'nvm install 24'],
      [
        { node: { version: 'v23.1.0' } },
        'note',
        /version 23\.1\.0: odd-numbered releases are maintained for only half a year/,
      ],
      [{ node: { version: 'v24.0.0' } }, 'ok', /24\.0\.0/],
      [
        { node: { version: 22 } },
        'unknown',
        /the Node\.js version could not be read: its output could not be parsed/,
      ],
    ],
  ],
  [
    'environment-node-options',
    [
      [{ environment: { NODE_OPTIONS: '--inspect=0.0.0.0:9229' } }, 'error', /debugger/],
      [
        { environment: { NODE_OPTIONS: '--max-old-space-size=65536' } },
        'warning',
        /65536 MiB, but only 32768 MiB/,
        'export NODE_OPTIONS=--max-old-space-size=16384',
      ],
      [{ environment: { LD_PRELOAD: '/x.so' } }, 'note', /LD_PRELOAD/],
      [{ environment: { NODE_OPTIONS: '--inspect' } }, 'ok', /--inspect/],
      [{ environment: { NODE_OPTIONS: '--title=not-to-be-shown' } }, 'ok', /^NODE_OPTIONS: --title$/],
    ],
  ],
  [
    'environment-user',
    [
      [{ node: { uid: 0 } }, 'note', /root/],
      [{ node: { uid: undefined } }, 'skipped', /no user/],
    ],
  ],
  [
    'environment-proxy',
    [
      [
        { environment: { HTTPS_PROXY: 'http://p:1' } },
        'note',
        /HTTPS_PROXY is set, but Node\.js ignores it: models are downloaded directly/,
      ],
      [
        { node: { version: 'v24.1.0' }, environment: { HTTPS_PROXY: 'http://p:1', NODE_USE_ENV_PROXY: '1' } },
        'warning',
        /HTTPS_PROXY also applies to this machine: NO_PROXY does not list it, so requests to/,
        'export NO_PROXY=localhost,127.0.0.1,::1',
      ],
      [
        {
          node: { version: 'v24.1.0' },
          environment: { HTTPS_PROXY: 'http://p:1', NODE_USE_ENV_PROXY: '1', NO_PROXY: 'a.b, localhost' },
        },
        'ok',
        /HTTPS_PROXY is used, except for this machine/,
      ],
    ],
  ],
  [
    'environment-clock',
    [
      [
        { timedatectl: 'NTPSynchronized=no\n' },
        'warning',
        /NTP is off: the clock drifts, and metrics of several machines do not line up/,
      ],
      [
        { timedatectl: { failed: 'absent', detail: 'no program' } },
        'skipped',
        /NTP synchronization is not visible in a container/,
      ],
    ],
  ],
  [
    'environment-cpu-features',
    [
      [{ 'proc-cpuinfo': 'flags : sse4_2 avx hypervisor\n' }, 'warning', /no avx2 and fma/],
      [{ 'proc-cpuinfo': 'flags : sse2\n' }, 'error', /SIGILL/],
      [{ 'proc-cpuinfo': 'Features : fp asimd asimddp i8mm\n' }, 'ok', /int8 matrix products, dot products/],
      [
        { 'proc-cpuinfo': 'Features : fp asimd\n' },
        'warning',
        /the processor has no 8-bit dot product instructions: quantized models are several times/,
      ],
      [{ 'proc-cpuinfo': 'processor : 0\n' }, 'unknown', /could not be read/],
      [
        { node: { platform: 'darwin' }, 'proc-cpuinfo': { failed: 'absent', detail: 'no file' } },
        'skipped',
        /only (available )?on Linux/,
      ],
    ],
  ],
  [
    'environment-cores',
    [
      [
        { cgroup: { cpuQuota: 2 } },
        'warning',
        /8 processors on 4 cores visible, but the cgroup allows 2/,
        'export OMP_NUM_THREADS=2',
      ],
      [
        { cgroup: { cpuQuota: 0.5 } },
        'warning',
        /8 processors on 4 cores visible, but the cgroup allows 0\.5: engine steps are throttled/,
      ],
      [
        { cgroup: { cpuQuota: 2 }, environment: { OMP_NUM_THREADS: '2' } },
        'ok',
        /8 processors on 4 cores visible, but the cgroup allows 2; OMP_NUM_THREADS=2 matches/,
      ],
      [{ cgroup: { cpuQuota: 64 } }, 'ok', /8 processors/],
      [
        { cgroup: { failed: 'unreadable', detail: 'no' } },
        'unknown',
        /the cgroup limits could not be read: no/,
      ],
    ],
  ],
  [
    'environment-cpu-throttled',
    [
      [{ cgroup: { cpuPeriods: 1000, cpuThrottledPeriods: 400 } }, 'warning', /40 % of 1000 periods/],
      [{ cgroup: { cpuPeriods: 1000, cpuThrottledPeriods: 10 } }, 'ok', /1 %/],
    ],
  ],
  [
    'environment-thread-variables',
    [
      [
        { environment: { OMP_NUM_THREADS: '64' } },
        'warning',
        /OMP_NUM_THREADS=64 on 8 processors/,
        'export OMP_NUM_THREADS=8',
      ],
      [{ environment: { OMP_NUM_THREADS: '4' }, cgroup: { cpuQuota: 1.5 } }, 'warning', /on 2 processors/],
      [
        { environment: { MKL_NUM_THREADS: 'many' } },
        'warning',
        /MKL_NUM_THREADS=many is not a valid number of threads and is ignored/,
      ],
      [{ environment: { OMP_NUM_THREADS: '1' } }, 'note', /one of 8/],
      [
        { environment: { GOMP_CPU_AFFINITY: '0-3' } },
        'warning',
        /4 of 8 processors/,
        'unset GOMP_CPU_AFFINITY',
      ],
      [
        { environment: { GOMP_CPU_AFFINITY: 'x y' } },
        'warning',
        /GOMP_CPU_AFFINITY=x y is not a list of processors/,
      ],
      [{ environment: { GOMP_CPU_AFFINITY: '0-7' } }, 'ok', /none is set/],
      [
        { environment: { OMP_PROC_BIND: 'close' } },
        'note',
        /OMP_PROC_BIND=close pins threads to processors: two such processes on one machine share/,
      ],
    ],
  ],
  [
    'environment-blas',
    [
      [
        { blas: { library: '/usr/lib/x86_64-linux-gnu/openblas-pthread/libblas.so.3' } },
        'warning',
        /OpenBLAS has its own thread pool next to libtorch's OpenMP: each starts one thread per/,
        'sudo apt-get install libopenblas0-openmp',
      ],
      [
        { blas: { library: '/usr/lib/x86_64-linux-gnu/openblas-serial/libblas.so.3' } },
        'note',
        /without threads/,
      ],
      [{ blas: { library: '/usr/lib/x86_64-linux-gnu/blas/libblas.so.3' } }, 'warning', /reference/],
      [{ blas: { failed: 'absent', detail: 'none' } }, 'skipped', /wheel/],
    ],
  ],
  [
    'environment-memory',
    [
      [
        { cgroup: { memoryLimitBytes: 2 * GiB, memoryUsedBytes: 2 * GiB } },
        'error',
        /only 0 B of 2\.0 GiB.*the machine has 32\.0 GiB/,
      ],
      [
        { cgroup: { memoryLimitBytes: 20 * GiB, memoryUsedBytes: 18.5 * GiB } },
        'warning',
        /1\.5 GiB of 20\.0 GiB/,
      ],
      [{ cgroup: { oomKills: 2 } }, 'warning', /the kernel OOM-killed 2 processes in this cgroup/],
      [
        { 'proc-meminfo': '', node: { memoryBytes: undefined } },
        'unknown',
        /available memory could not be read: its output could not be parsed/,
      ],
    ],
  ],
  [
    'environment-swap',
    [
      [
        { 'proc-meminfo': 'SwapTotal: 8388608 kB\nSwapFree: 2097152 kB\n' },
        'warning',
        /6\.0 GiB of 8\.0 GiB swap in use: an engine's swapped-out pages are read back from disk one/,
      ],
      [{ 'proc-meminfo': 'SwapTotal: 8388608 kB\nSwapFree: 8388608 kB\n' }, 'ok', /0 B of 8\.0 GiB/],
    ],
  ],
  [
    'environment-overcommit',
    [
      [
        { 'proc-overcommit': '2\n' },
        'warning',
        /vm\.overcommit_memory is 2: memory counts when it is reserved, with 12\.0 GiB left\./,
        'sudo sysctl vm.overcommit_memory=0',
      ],
      [
        { 'proc-overcommit': '?' },
        'unknown',
        /the memory overcommit policy could not be read: its output could not be parsed/,
      ],
    ],
  ],
  [
    'environment-huge-pages',
    [
      [{ 'thp-enabled': 'always madvise [never]\n' }, 'note', /off/],
      [
        {
          'proc-meminfo': 'HugePages_Total:    4096\nHugePages_Free:    4096\nHugepagesize:       2048 kB\n',
        },
        'warning',
        /8\.0 GiB reserved as huge pages are unused: llama\.cpp and libtorch do not use them/,
      ],
      [{ 'thp-enabled': 'hm' }, 'unknown', /huge pages/],
    ],
  ],
  [
    'environment-disk',
    [
      [disk({ freeBytes: 100 * 2 ** 20 }), 'error', /100 MiB of 500 GiB/, 'hadal models list'],
      [disk({ freeBytes: 8 * GiB }), 'warning', /8\.0 GiB/],
      [disk({ isWritable: false }), 'error', /not writable/, 'export HADAL_CACHE_DIR=$HOME/.cache/hadal'],
      [disk({ isWritable: false }, 'working folder'), 'note', /not writable/],
      [disk({ totalInodes: 1000, freeInodes: 3 }), 'error', /3 of 1000 inodes/],
      [
        disk({ freeBytes: undefined, fault: 'its file system does not respond' }),
        'unknown',
        /does not respond/,
      ],
      [{ disks: 'null' }, 'unknown', /free disk space could not be read: its output could not be parsed/],
    ],
  ],
  [
    'environment-file-system',
    [
      [disk({ type: '6969' }), 'note', /NFS/, 'hadal serve --map-memory false'],
      [
        disk({ type: '794c7630', path: "/it's; rm -rf x" }),
        'note',
        /models are in the container's writable layer \(\/it's; rm -rf x\): each new container/,
        `docker run -v hadal-models:'/it'\\''s; rm -rf x' ...`,
      ],
    ],
  ],
  [
    'environment-shared-memory',
    [
      [
        disk({ totalBytes: 64 * 2 ** 20, freeBytes: 64 * 2 ** 20 }, 'shared memory'),
        'warning',
        /64\.0 MiB of 64\.0 MiB.*NCCL/,
        'docker run --shm-size 8g ...',
      ],
      [disk({ freeBytes: 1000 }, 'shared memory'), 'warning', /1000 B/],
      [{ disks: { folders: [] } }, 'unknown', /dev\/shm/],
    ],
  ],
  [
    'environment-open-files',
    [
      [
        { 'proc-limits': 'Max open files            1024                 4096                 files     \n' },
        'warning',
        /the open-file limit is 1024: the service accepts at most 384 of its 4096 connections/,
        'ulimit -n 16384',
      ],
      [
        { 'proc-limits': 'Max open files            256                  4096                 files     \n' },
        'error',
        /the open-file limit is 256: the service accepts at most 1 of its 4096 connections/,
      ],
      [
        { 'proc-limits': 'Max open files            unlimited            unlimited            files     \n' },
        'ok',
        /unlimited/,
      ],
      [
        { 'proc-limits': 'broken' },
        'unknown',
        /the open-file limit could not be read: its output could not be parsed/,
      ],
    ],
  ],
  [
    'environment-processes',
    [
      [{ cgroup: { pidsMax: 100 } }, 'warning', /100 threads/],
      [
        { 'proc-limits': '' },
        'unknown',
        /the process limit could not be read: its output could not be parsed/,
      ],
    ],
  ],
  [
    'environment-glibc',
    [
      [{ node: { glibc: '2.31' } }, 'error', /2\.31 is older than 2\.34/],
      [{ node: { glibc: undefined } }, 'error', /musl/],
      [{ node: { platform: 'win32', glibc: undefined } }, 'skipped', /only (available )?on Linux/],
    ],
  ],
  [
    'environment-llama',
    [
      [{ llama: { fault: 'GLIBC_2.34 not found', help: 'Do this.' } }, 'error', /GLIBC_2\.34/],
      [{ llama: { tokens: 0 } }, 'unknown', /self-test/],
      [
        { llama: { failed: 'timed-out', detail: 'no response within 12 s' } },
        'unknown',
        /no response within 12 s/,
      ],
    ],
  ],
  [
    'environment-libtorch',
    [
      [
        { libtorch: { fault: 'libtorch.so: cannot open', code: 'tensor_libtorch_not_found' } },
        'skipped',
        /the tensor addon is not built/,
      ],
      [{ libtorch: { fault: 'ended by SIGSEGV' } }, 'error', /SIGSEGV/],
      [{ libtorch: { sum: 7 } }, 'unknown', /self-test/],
    ],
  ],
])('%s', (id, cases) => {
  for (const [given, severity, says, command] of cases)
    it(`of ${JSON.stringify(given)} says ${says}`, () => {
      const found = judge(id, given)
      expect(found[0]).toMatchObject({ id, severity, says: expect.stringMatching(says) })
      if (command !== undefined) expect(found[0]?.fix?.command).toBe(command)
    })
})

it('texts of the kernel that are none are read in linear time: one that is not would not end here', () => {
  const blanks = ' '.repeat(1_000_000)
  const given = {
    'proc-limits': `Max ${blanks}x`,
    'proc-meminfo': `MemTotal:${blanks}x`,
    'proc-cpuinfo': `flags${blanks}x`,
  }
  expect(runChecks(own, captureOf(given)).worst).not.toBe('ok')
})
