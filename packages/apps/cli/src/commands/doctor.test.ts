import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Report } from '@hadal/doctor'
import { listBundledModels } from '@hadal/service'
import { afterAll, describe, expect, it } from 'vitest'
import { recordingTerminal } from '../../test/recording-terminal.ts'
import { main } from '../main.ts'

const onPosix = it.skipIf(process.platform === 'win32')

const base = mkdtempSync(join(tmpdir(), 'hadal-doctor-'))
afterAll(() => rmSync(base, { recursive: true }))

/** Clears environment variables except those needed to find programs. */
const terminalIn = (folder: string, env: Record<string, string> = {}) =>
  recordingTerminal({ folder, env: { PATH: process.env.PATH, HOME: folder, ...env } })

async function doctor(args: readonly string[], folder = base, env: Record<string, string> = {}) {
  const terminal = terminalIn(folder, env)
  const code = await main(['doctor', ...args], terminal)
  return { code, text: terminal.printed.join('\n'), noted: terminal.noted.join('\n') }
}

async function findings(args: readonly string[], folder: string, env: Record<string, string> = {}) {
  const { code, text, noted } = await doctor([...args, '--json'], folder, env)
  const report = JSON.parse(text) as Report
  const of = (id: string) => report.findings.filter((finding) => finding.id === id)
  return { code, report, of, noted }
}

function folderWith(config: object, files: Record<string, string | Buffer> = {}): string {
  const folder = mkdtempSync(join(base, 'service-'))
  writeFileSync(join(folder, 'hadal.config.json'), JSON.stringify(config), { mode: 0o600 })
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  return folder
}

/** Built from pieces, so that no scanner takes this file for a leak. */
const marked = ['qZ7', 'marked', 'X3', 'secret', 'k9W'].join('')

const fixture = (readings: object): string => {
  const path = join(mkdtempSync(join(base, 'fixture-')), 'c.json')
  writeFileSync(path, JSON.stringify({ version: 1, takenAt: Date.parse('2026-06-01T12:00:00Z'), readings }))
  return path
}

describe('hadal doctor', () => {
  it('judges a capture by its own clock, and only what was read for it', async () => {
    const path = fixture({
      node: { text: '{"version":"v18.0.0","platform":"linux","uid":1000}' },
      timedatectl: { text: 'NTPSynchronized=yes\n' },
    })
    const { code, text } = await doctor(['--fixture', path])
    expect(code).toBe(4)
    expect(text).toContain('captured at 2026-06-01 12:00 UTC')
    expect(text).toMatch(/^environment\n {2}✗ Node\.js: version 18\.0\.0 is too old: Hadal needs 20\.19\.0/m)
    expect(text).toContain('      $ nvm install 22')
    expect(text).not.toMatch(/^(service|gpu|cluster|server)$/m)
    expect(text).toMatch(/^\d+ errors?, .*inconclusive/m)
  })

  it('moves no cursor, whatever a capture holds', async () => {
    const path = fixture({ environment: { text: JSON.stringify({ LD_PRELOAD: '/x\u001b[2J\r\u009b1m' }) } })
    expect((await doctor(['environment', '--fixture', path])).text).not.toMatch(/[\u001b\u009b\r]/)
  })

  it('says each fix once for several findings of a kind, and fits the terminal', async () => {
    const weak = [1, 2].map((at) => ({
      which: `key ${at} of apiKeys`,
      why: '3 characters are too short and can be brute-forced',
    }))
    const path = fixture({
      'service-config': { text: '{"isValid":true,"host":"127.0.0.1","guard":"default"}' },
      'service-keys': { text: JSON.stringify({ apiKeys: 2, weak }) },
    })
    const { text } = await doctor(['service', '--fixture', path])
    expect(text.match(/Use a random key/g)).toHaveLength(1)
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  })

  it.each([
    ['{"NODE_OPTIONS":"--inspect=0.0.0.0"}', 4],
    ['{"GOMP_CPU_AFFINITY":"x"}', 3],
  ])('exits by what is worst: %s with %i', async (environment, code) => {
    const path = fixture({
      environment: { text: environment },
      node: { text: '{"version":"v22.1.0","platform":"darwin","availableProcessors":2,"uid":1000}' },
    })
    expect((await doctor(['--fixture', path])).code).toBe(code)
  })

  it('exits with 6 where nothing worse is known than that something is not', async () => {
    expect((await doctor(['environment', '--fixture', fixture({ node: { text: '{}' } })])).code).toBe(6)
  })

  onPosix('refuses what it cannot read, with the code of what is wrong', async () => {
    const pipe = join(base, 'pipe')
    execFileSync('mkfifo', [pipe])
    writeFileSync(join(base, 'broken.json'), '{')
    expect(await doctor(['--fixture', join(base, 'absent')])).toMatchObject({
      code: 1,
      noted: expect.stringContaining('error[doctor_fixture_unreadable]'),
    })
    expect((await doctor(['--fixture', pipe])).noted).toContain('it must be a regular file')
    expect((await doctor(['--fixture', join(base, 'broken.json')])).noted).toContain(
      'error[doctor_capture_invalid]',
    )
    expect(await doctor(['servise'])).toMatchObject({
      code: 2,
      noted: expect.stringContaining('Did you mean serv'),
    })
    expect(await doctor(['--url', 'ftp://x', 'server'])).toMatchObject({ code: 2 })
    expect(await doctor(['--fixture', 'x', '--url', 'http://x'])).toMatchObject({ code: 2 })
    expect((await doctor(['service', '--capture', join(base, 'no', 'such', 'folder')])).noted).toContain(
      'error[doctor_capture_unwritable]',
    )
    expect((await doctor(['service', '--capture', pipe])).noted).toContain('it must be a regular file')
    const key = join(base, 'two-keys')
    writeFileSync(key, 'one\ntwo\n')
    expect(await doctor(['server', '--url', 'http://127.0.0.1:1', '--key-file', key])).toMatchObject({
      code: 2,
      noted: expect.stringContaining('one key on one line'),
    })
  })

  it('keeps a capture for its owner alone, also where a file stood that all may read', async () => {
    const path = join(base, 'was-open.json')
    writeFileSync(path, 'x', { mode: 0o644 })
    await doctor(['service', '--capture', path])
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ version: 1 })
  })
})

describe('hadal doctor service', () => {
  const model = listBundledModels()[0]!.path

  it('finds nothing wrong with a service that is right', async () => {
    const { of, code } = await findings(['service'], folderWith({ model, port: 0 }))
    expect([0, 3]).toContain(code)
    for (const id of ['service-config', 'service-keys', 'service-guard', 'service-models', 'service-ports'])
      expect(
        of(id).map(({ severity }) => severity),
        id,
      ).toEqual(['ok'])
  })

  onPosix('finds a model that was cut, one that is not there, and a pipe in place of one', async () => {
    const cut = readFileSync(model).subarray(0, 3_000_000)
    const folder = folderWith(
      {
        port: 0,
        models: [
          { id: 'cut', model: './cut.gguf' },
          { id: 'gone', model: './gone.gguf' },
          { id: 'pipe', model: './pipe.gguf' },
          { id: 'remote', model: 'hf:owner/repo:Q8_0' },
        ],
      },
      { 'cut.gguf': cut },
    )
    execFileSync('mkfifo', [join(folder, 'pipe.gguf')])
    const { of, code } = await findings(['service'], folder)
    expect(code).toBe(4)
    expect(of('service-models').map(({ severity, says }) => `${severity} ${says}`)).toEqual([
      expect.stringMatching(/^error .*cut\.gguf.* ends at byte \d+; the file at 3000000/),
      expect.stringMatching(/^error the file .*gone\.gguf does not exist/),
      expect.stringMatching(/^error .*pipe\.gguf/),
      expect.stringMatching(/^note hf:owner\/repo:Q8_0 is not on this machine yet/),
    ])
  })

  it('finds settings that are wrong, and then takes nothing for well that follows from them', async () => {
    const { of, code } = await findings(['service'], folderWith({ prot: 1 }))
    expect(code).toBe(4)
    expect(of('service-config')[0]).toMatchObject({
      severity: 'error',
      says: expect.stringContaining('did you mean port'),
    })
    expect(of('service-ports')[0]?.severity).toBe('unknown')
  })

  it('finds keys that are weak or in clear, and a certificate that ends soon with the wrong key', async () => {
    const folder = folderWith({
      model,
      port: 0,
      apiKeys: ['abc', marked, marked],
      adminKeys: [marked],
      tlsCert: 'c.pem',
      tlsKey: 'k.pem',
    })
    const pair = (name: string) =>
      execFileSync(
        'openssl',
        [
          'req',
          '-x509',
          '-newkey',
          'rsa:2048',
          '-nodes',
          '-days',
          '5',
          '-subj',
          '/CN=x',
          '-keyout',
          `${name}.key`,
          '-out',
          `${name}.pem`,
        ],
        { cwd: folder, stdio: 'ignore' },
      )
    pair('c')
    pair('other')
    execFileSync('mv', ['other.key', 'k.pem'], { cwd: folder })
    execFileSync('chmod', ['644', 'k.pem'], { cwd: folder })
    const { of, report } = await findings(['service'], folder)
    expect(of('service-keys').map(({ says }) => says)).toEqual([
      'key 1 of apiKeys is weak: 3 characters are too short and can be brute-forced',
      'key 2 of apiKeys is also in adminKeys: every client with it is an administrator',
      'key 3 of apiKeys is also in adminKeys: every client with it is an administrator',
      'keys 2 and 3 of apiKeys are the same: its clients cannot be distinguished',
      'apiKeys, adminKeys are in plain text in hadal.config.json',
    ])
    expect(of('service-tls').map(({ says }) => says)).toEqual([
      'k.pem is not the key of c.pem',
      expect.stringMatching(/^c\.pem expires in 4 days/),
      'other users can read the key k.pem (mode 644)',
    ])
    expect(JSON.stringify(report)).not.toContain(marked)
  })

  it('distinguishes a Hadal server from another program on its port, and identifies that program', async () => {
    for (const [answer, severity] of [
      ['hadal_requests_total 1\n', 'ok'],
      ['something else', 'error'],
    ] as const) {
      const server = createServer((_, response) => response.end(answer))
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const { port } = server.address() as AddressInfo
      const [found] = (await findings(['service'], folderWith({ model, port }))).of('service-ports')
      expect(found?.severity).toBe(severity)
      if (process.platform === 'linux') expect(found?.says).toContain(`process ${process.pid}`)
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  })

  it('asks upstreams and the database for whether they are there, with the key', async () => {
    const requested: (string | undefined)[] = []
    const server = createServer((request, response) => {
      requested.push(`${request.url} ${request.headers.authorization}`)
      response.writeHead(request.url?.startsWith('/sick') ? 500 : 200).end('{}')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const folder = folderWith({
      port: 0,
      database: 'keys.db',
      models: [
        {
          id: 'm',
          upstream: { replicas: [`${root}/v1`, `${root}/sick`, 'http://127.0.0.1:1/v1'], apiKeyEnv: 'UP' },
        },
      ],
    })
    const { of } = await findings(['service'], folder, { UP: marked })
    expect(of('service-upstreams').map(({ severity }) => severity)).toEqual(['error', 'error', 'ok'])
    expect(requested).toContain(`/v1/models Bearer ${marked}`)
    expect(of('service-database')[0]).toMatchObject({
      severity: 'note',
      says: expect.stringContaining('keys.db'),
    })
    writeFileSync(join(folder, 'keys.db'), 'no database at all, this')
    expect((await findings(['service'], folder)).of('service-database')[0]).toMatchObject({
      severity: 'error',
      says: expect.stringContaining('keys.db: it is not a SQLite database'),
    })
    server.closeAllConnections()
    server.close()
  })

  it('a config file that never finishes loading neither blocks nor ends the command', async () => {
    const folder = mkdtempSync(join(base, 'service-'))
    writeFileSync(join(folder, 'hadal.config.ts'), 'process.exit(3)')
    const { of } = await findings(['service'], folder)
    expect(of('service-config')[0]).toMatchObject({
      severity: 'error',
      says: expect.stringContaining('exit code 3'),
    })
  })

  onPosix(
    'a pipe in place of a config file, a certificate or a key is told, and keeps nobody waiting',
    async () => {
      const folder = folderWith({ model, port: 0, tlsCert: 'pipe', tlsKey: 'pipe' })
      execFileSync('mkfifo', [join(folder, 'pipe')])
      expect((await findings(['service'], folder)).of('service-tls')[0]?.says).toContain(
        'must be a regular file',
      )
      expect(
        (await findings(['service', '--config', 'pipe'], folder)).of('service-config')[0]?.says,
      ).toContain('must be a regular file')
    },
  )

  it('keeps a capture that holds no secret, for its owner alone, and is judged alike elsewhere', async () => {
    const folder = folderWith({
      model,
      port: 0,
      apiKeys: [marked],
      database: `postgres://u:${marked}@127.0.0.1:1/x`,
      models: undefined,
    })
    const { report, noted } = await findings(['service', '--capture', 'c.json'], folder, {
      HF_TOKEN: `${marked}2`,
      NODE_OPTIONS: `--title=${marked}2`,
    })
    const path = join(folder, 'c.json')
    const kept = readFileSync(path, 'utf8')
    expect(kept).not.toContain(marked)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(noted).toContain('without secrets')
    const again = await findings(['--fixture', path], base)
    const reported = ({ findings: all }: Report) =>
      all.filter(({ group }) => group === 'service').map(({ id, severity }) => `${id} ${severity}`)
    expect(reported(again.report)).toEqual(reported(report))
  })
})

it('a running server is asked with --url, and what it says is judged', async () => {
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/health' ? 200 : 503).end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  const { report, code } = await findings(['server', '--url', url], folderWith({}))
  expect(report.findings.length).toBeGreaterThan(0)
  expect(code).not.toBe(0)
  const commands = report.findings.flatMap(({ fix }) => fix?.command ?? []).join('\n')
  expect(commands).toContain(`${url.replace(/\/v1$/, '')}/metrics`)
  expect(commands).not.toMatch(/\bURL\b/)
  server.closeAllConnections()
  server.close()
})
