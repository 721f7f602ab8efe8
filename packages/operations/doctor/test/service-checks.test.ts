import { describe, expect, it } from 'vitest'
import { type captureOf, judge, takenAt } from './capture-of.ts'

const day = 86_400_000
const tls = (said: object) => ({
  'service-config': { hasTls: true },
  'service-tls': {
    file: 'c.pem',
    keyFile: 'k.pem',
    notBefore: takenAt - day,
    notAfter: takenAt + 90 * day,
    isPair: true,
    keyMode: 0o600,
    ...said,
  },
})
const model = (said: object) => ({
  'service-models': { isRemote: false, models: [{ ref: 'm.gguf', ...said }] },
})
const port = (said: object) => ({ 'service-ports': { ports: [{ host: '127.0.0.1', port: 8080, ...said }] } })
const upstream = (said: object) => ({
  'service-upstreams': { upstreams: [{ model: 'm', url: 'http://a/v1', ...said }] },
})
const database = (said: object) => ({ 'service-config': { hasDatabase: true }, 'service-database': said })

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
    'service-config',
    [
      [
        { 'service-config': { isValid: false, issues: ['prot: there is no setting prot', 'b'] } },
        'error',
        /the settings cannot be read/,
        'hadal config',
      ],
      [{ 'service-config': { isValid: false, issues: [] } }, 'error', /cannot be read/],
      [{ 'service-config': undefined }, 'unknown', /the settings could not be read: it was not queried/],
    ],
  ],
  [
    'service-keys',
    [
      [
        { 'service-keys': { isOpen: true } },
        'error',
        /127\.0\.0\.1 is reachable from other machines, but no keys are set: the service does not/,
      ],
      [{ 'service-keys': { isOpen: true, allowKeyless: true } }, 'warning', /allowKeyless/],
      [
        {
          'service-keys': {
            apiKeys: 1,
            weak: [{ which: 'key 1 of apiKeys', why: '3 characters are too short and can be brute-forced' }],
          },
        },
        'error',
        /key 1 of apiKeys is weak/,
      ],
      [
        { 'service-keys': { apiKeys: 2, duplicates: ['keys 1 and 2 of apiKeys are the same'] } },
        'warning',
        /are the same/,
      ],
      [
        { 'service-keys': { apiKeys: 1, inBoth: ['key 1 of apiKeys is also in adminKeys'] } },
        'error',
        /administrator/,
      ],
      [
        { 'service-keys': { apiKeys: 1, inFile: ['apiKeys'], fileMode: 0o644 } },
        'error',
        /apiKeys is in plain text in hadal\.config\.ts, which other users can read \(mode 644\)/,
        'chmod 600 hadal.config.ts',
      ],
      [
        { 'service-keys': { apiKeys: 1, inFile: ['apiKeys'], fileMode: 0o600 } },
        'warning',
        /apiKeys is in plain text in hadal\.config\.ts/,
      ],
      [
        { 'service-config': { isValid: false } },
        'unknown',
        /access control: unknown while the settings are invalid/,
      ],
      [{ 'service-keys': 'null' }, 'unknown', /access control/],
    ],
  ],
  [
    'service-guard',
    [
      [{ 'service-config': { guard: 'off' } }, 'warning', /is off/],
      [{ 'service-config': { guard: 'watch, but for secrets' } }, 'note', /only watches/],
      [{ 'service-config': { guard: 5 } }, 'unknown', /guard/],
    ],
  ],
  [
    'service-threads',
    [
      [
        { 'service-config': { threads: 16 } },
        'warning',
        /16, but this process can use 8/,
        'hadal serve --threads 4',
      ],
      [{ 'service-config': { threads: 8 } }, 'note', /8 on 4 cores/],
      [{ 'service-config': { threads: 4 } }, 'ok', /4 of 8/],
      [
        { 'service-config': { threads: 4 }, cgroup: { cpuQuota: 2 } },
        'warning',
        /threads is 4, but this process can use 2 processors: each step waits for preempted threads/,
      ],
    ],
  ],
  [
    'service-lock-memory',
    [
      [
        { 'service-config': { lockMemory: true }, ...model({ bytes: 100_000_000 }) },
        'error',
        /8 MiB and the weights need 96/,
        'ulimit -l unlimited',
      ],
      [{ 'service-config': { lockMemory: true }, ...model({ bytes: 1000 }) }, 'ok', /large enough/],
    ],
  ],
  [
    'service-models',
    [
      [model({ state: 'missing', detail: 'no file m.gguf' }), 'error', /no file m\.gguf/],
      [
        model({ state: 'broken', detail: 'm.gguf ends at byte 5', path: '/a b/m.gguf' }),
        'error',
        /ends at byte 5/,
        "sha256sum '/a b/m.gguf'",
      ],
      [model({ state: 'not-downloaded' }), 'note', /first start downloads/],
      [
        model({ state: 'not-downloaded', offline: true }),
        'error',
        /m\.gguf is not on this machine, and `offline` is set/,
      ],
      [model({ state: 'odd' }), 'unknown', /not read/],
      [{ 'service-models': { isRemote: true, models: [] } }, 'skipped', /all models are served by upstreams/],
      [
        { 'service-models': 'x' },
        'unknown',
        /the model files could not be read: its output could not be parsed/,
      ],
    ],
  ],
  [
    'service-memory',
    [
      [
        model({ state: 'whole', bytes: 40 * 2 ** 30 }),
        'error',
        /models do not fit: weights 40\.0 GiB, 20\.0 GiB available/,
      ],
      [
        model({ state: 'whole', bytes: 15 * 2 ** 30, kvBytes: 6 * 2 ** 30 }),
        'warning',
        /little memory is left for the KV cache: weights 15\.0 GiB and KV cache 6\.0 GiB, 20\.0 GiB/,
      ],
      [
        model({ state: 'whole', bytes: 18 * 2 ** 30 }),
        'note',
        /models barely fit: weights 18\.0 GiB, 20\.0 GiB available/,
      ],
      [
        {
          ...model({ state: 'whole', bytes: 3 * 2 ** 30 }),
          cgroup: { memoryLimitBytes: 2 * 2 ** 30, memoryUsedBytes: 0 },
        },
        'error',
        /models do not fit: weights 3\.0 GiB, 2\.0 GiB available/,
      ],
      [
        {
          ...model({ state: 'whole', bytes: 40 * 2 ** 30 }),
          'nvidia-smi-list': 'GPU 0: NVIDIA H100 (UUID: GPU-1)\n',
        },
        'warning',
        /models fit only with GPU offload: weights 40\.0 GiB, 20\.0 GiB available/,
        'hadal doctor gpu',
      ],
      [model({ state: 'missing' }), 'skipped', /no complete model is on this machine/],
    ],
  ],
  [
    'service-ports',
    [
      [
        port({ state: 'taken', holder: 'nginx (process 7)' }),
        'error',
        /127\.0\.0\.1:8080 is in use by nginx \(process 7\), not by a Hadal server/,
        'hadal serve --port 8081',
      ],
      [port({ state: 'hadal' }), 'ok', /a Hadal server responds at 127\.0\.0\.1:8080/],
      [port({ state: 'forbidden' }), 'error', /below 1024/],
      [port({ state: 'no-address' }), 'error', /no address 127/],
      [port({ state: 'unknown', detail: 'EMFILE' }), 'unknown', /EMFILE/],
    ],
  ],
  [
    'service-tls',
    [
      [tls({}), 'ok', /until 2026-08-30/],
      [tls({ notAfter: takenAt - day }), 'error', /expired on 2026-05-31/],
      [tls({ notAfter: takenAt + 5 * day }), 'warning', /expires in 5 days/],
      [tls({ notBefore: takenAt + day }), 'error', /c\.pem is not valid before 2026-06-02/],
      [tls({ isPair: false }), 'error', /not the key of c\.pem/],
      [tls({ keyMode: 0o644 }), 'warning', /other users can read the key k\.pem/, 'chmod 600 k.pem'],
      [tls({ fault: 'no such file' }), 'error', /no such file/],
      [tls({ notAfter: 1e300 }), 'ok', /c\.pem is valid until an invalid date/],
      [{ 'service-config': { hasTls: true } }, 'unknown', /certificate/],
    ],
  ],
  [
    'service-folders',
    [
      [
        { 'service-folders': { folders: [{ setting: 'snapshotDir', path: '/x', isWritable: false }] } },
        'error',
        /snapshotDir \/x: it is not writable by this user/,
        'mkdir -p /x',
      ],
      [
        { 'service-folders': { folders: [{ setting: 'snapshotDir', path: '/x', isWritable: true }] } },
        'ok',
        /snapshotDir \/x: writable/,
      ],
    ],
  ],
  [
    'service-database',
    [
      [
        database({ kind: 'postgres', place: 'postgres://db', fault: 'connection refused' }),
        'error',
        /connection refused/,
      ],
      [
        database({ kind: 'sqlite', place: 'k.db', isThere: false }),
        'note',
        /k\.db does not exist yet: the service creates it/,
      ],
      [database({ kind: 'sqlite', place: 'k.db', isThere: true }), 'ok', /read and written/],
      [database({}), 'unknown', /database/],
    ],
  ],
  [
    'service-upstreams',
    [
      [
        upstream({ fault: 'connection refused' }),
        'error',
        /connection refused/,
        'curl -i http://a/v1/models',
      ],
      [upstream({ status: 401 }), 'error', /m at http:\/\/a\/v1: it rejects the key \(HTTP 401\)/],
      [upstream({ status: 503 }), 'error', /HTTP 503/],
      [upstream({ status: 404 }), 'warning', /HTTP 404/],
      [upstream({ status: 200 }), 'ok', /m at http:\/\/a\/v1 responds/],
      [
        upstream({ isDiscovered: true }),
        'skipped',
        /m at http:\/\/a\/v1: its replicas are discovered at run time/,
      ],
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
