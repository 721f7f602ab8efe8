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
        { 'service-config': { isValid: false, faults: ['prot: there is no setting prot', 'b'] } },
        'error',
        /no setting prot, and 1 more/,
        'hadal config',
      ],
      [{ 'service-config': { isValid: false, faults: [] } }, 'error', /cannot be read/],
      [{ 'service-config': undefined }, 'unknown', /not asked/],
    ],
  ],
  [
    'service-keys',
    [
      [{ 'service-keys': { isOpen: true } }, 'error', /no keys: the service does not start/],
      [{ 'service-keys': { isOpen: true, allowKeyless: true } }, 'warning', /allowKeyless/],
      [
        {
          'service-keys': {
            apiKeys: 1,
            weak: [{ which: 'key 1 of apiKeys', why: '3 characters can be tried out' }],
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
        { 'service-keys': { apiKeys: 1, inBoth: ['key 1 of apiKeys is one of adminKeys, too'] } },
        'error',
        /administrator/,
      ],
      [
        { 'service-keys': { apiKeys: 1, inFile: ['apiKeys'], fileMode: 0o644 } },
        'error',
        /in clear in hadal\.config\.ts, which other users can read \(mode 644\)/,
        'chmod 600 hadal.config.ts',
      ],
      [
        { 'service-keys': { apiKeys: 1, inFile: ['apiKeys'], fileMode: 0o600 } },
        'warning',
        /stands in clear/,
      ],
      [{ 'service-config': { isValid: false } }, 'unknown', /while the settings are wrong/],
      [{ 'service-keys': 'null' }, 'unknown', /who is let in/],
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
        /16, and this process may use 8/,
        'hadal serve --threads 4',
      ],
      [{ 'service-config': { threads: 8 } }, 'note', /8 on 4 cores/],
      [{ 'service-config': { threads: 4 } }, 'ok', /4 of 8/],
      [{ 'service-config': { threads: 4 }, cgroup: { cpuQuota: 2 } }, 'warning', /may use 2/],
    ],
  ],
  [
    'service-lock-memory',
    [
      [
        { 'service-config': { lockMemory: true }, ...model({ bytes: 100_000_000 }) },
        'error',
        /8 MiB may be locked where weights take 96/,
        'ulimit -l unlimited',
      ],
      [{ 'service-config': { lockMemory: true }, ...model({ bytes: 1000 }) }, 'ok', /large enough/],
    ],
  ],
  [
    'service-models',
    [
      [model({ state: 'missing', detail: 'there is no file m.gguf' }), 'error', /no file m\.gguf/],
      [
        model({ state: 'broken', detail: 'm.gguf ends at byte 5', path: '/a b/m.gguf' }),
        'error',
        /ends at byte 5/,
        "sha256sum '/a b/m.gguf'",
      ],
      [model({ state: 'not-downloaded' }), 'note', /first start downloads/],
      [model({ state: 'not-downloaded', offline: true }), 'error', /offline is on/],
      [model({ state: 'odd' }), 'unknown', /not read/],
      [{ 'service-models': { isRemote: true, models: [] } }, 'skipped', /other servers/],
      [{ 'service-models': 'x' }, 'unknown', /models are there/],
    ],
  ],
  [
    'service-memory',
    [
      [
        model({ state: 'whole', bytes: 40 * 2 ** 30 }),
        'error',
        /do not fit: weights 40\.0 GiB, of 20\.0 GiB/,
      ],
      [model({ state: 'whole', bytes: 15 * 2 ** 30, kvBytes: 6 * 2 ** 30 }), 'warning', /little is left/],
      [model({ state: 'whole', bytes: 18 * 2 ** 30 }), 'note', /narrowly/],
      [
        {
          ...model({ state: 'whole', bytes: 3 * 2 ** 30 }),
          cgroup: { memoryLimitBytes: 2 * 2 ** 30, memoryUsedBytes: 0 },
        },
        'error',
        /of 2\.0 GiB/,
      ],
      [
        {
          ...model({ state: 'whole', bytes: 40 * 2 ** 30 }),
          'nvidia-smi-list': 'GPU 0: NVIDIA H100 (UUID: GPU-1)\n',
        },
        'warning',
        /only GPUs can hold/,
        'hadal doctor gpu',
      ],
      [model({ state: 'missing' }), 'skipped', /no model/],
    ],
  ],
  [
    'service-ports',
    [
      [
        port({ state: 'taken', holder: 'nginx (process 7)' }),
        'error',
        /8080 is taken by nginx \(process 7\)/,
        'hadal serve --port 8081',
      ],
      [port({ state: 'hadal' }), 'ok', /Hadal server answers/],
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
      [tls({ notBefore: takenAt + day }), 'error', /from 2026-06-02 on only/],
      [tls({ isPair: false }), 'error', /not the key of c\.pem/],
      [tls({ keyMode: 0o644 }), 'warning', /other users can read the key k\.pem/, 'chmod 600 k.pem'],
      [tls({ fault: 'no such file' }), 'error', /no such file/],
      [tls({ notAfter: 1e300 }), 'ok', /beyond all calendars/],
      [{ 'service-config': { hasTls: true } }, 'unknown', /certificate/],
    ],
  ],
  [
    'service-folders',
    [
      [
        { 'service-folders': { folders: [{ setting: 'snapshotDir', path: '/x', isWritable: false }] } },
        'error',
        /snapshotDir \/x: this user may not/,
        'mkdir -p /x',
      ],
      [
        { 'service-folders': { folders: [{ setting: 'snapshotDir', path: '/x', isWritable: true }] } },
        'ok',
        /can be written/,
      ],
    ],
  ],
  [
    'service-database',
    [
      [
        database({ kind: 'postgres', place: 'postgres://db', fault: 'nothing listens there' }),
        'error',
        /nothing listens/,
      ],
      [database({ kind: 'sqlite', place: 'k.db', isThere: false }), 'note', /makes it/],
      [database({ kind: 'sqlite', place: 'k.db', isThere: true }), 'ok', /read and written/],
      [database({}), 'unknown', /database/],
    ],
  ],
  [
    'service-upstreams',
    [
      [
        upstream({ fault: 'nothing listens there' }),
        'error',
        /nothing listens/,
        'curl -i http://a/v1/models',
      ],
      [upstream({ status: 401 }), 'error', /refuses the key/],
      [upstream({ status: 503 }), 'error', /HTTP 503/],
      [upstream({ status: 404 }), 'warning', /HTTP 404/],
      [upstream({ status: 200 }), 'ok', /answers/],
      [upstream({ isDiscovered: true }), 'skipped', /while the service runs/],
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
