import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ManualClock } from '@hadal/base'
import { expect, it, onTestFinished } from 'vitest'
import { recordingTerminal } from '../../../apps/cli/test/recording-terminal.ts'
import { execCredential } from './exec-credential.ts'
import { connect } from './kube-connection.ts'

function folderOf(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-kubeconfig-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const kubeconfig = (user: object): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'c',
    clusters: [
      { name: 'c', cluster: { server: 'https://127.0.0.1:6443', 'insecure-skip-tls-verify': true } },
    ],
    users: [{ name: 'me', user }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'me' } }],
  })

/** A user whose credentials a script gives. */
function withPlugin(script: string): {
  readonly folder: string
  readonly flags: { readonly kubeconfig: string }
} {
  const folder = folderOf()
  writeFileSync(join(folder, 'plugin'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: './plugin',
    args: ['get-token'],
    env: [{ name: 'REGION', value: 'north' }],
    interactiveMode: 'Never',
  }
  writeFileSync(join(folder, 'config'), kubeconfig({ exec }))
  return { folder, flags: { kubeconfig: join(folder, 'config') } }
}

const credentialOf = (token: string, more = ''): string =>
  `{"kind":"ExecCredential","status":{"token":"${token}"${more}}}`
const authorizationOf = ({ headers }: { headers?: unknown }): unknown =>
  (headers as { Authorization?: string } | undefined)?.Authorization

it('a program of the kubeconfig says who asks, once while that holds', async () => {
  const { folder, flags } = withPlugin(
    `echo "$1 $REGION $KUBERNETES_EXEC_INFO" >> asked-by.txt; echo '${credentialOf('t-1')}'`.replace(
      'asked-by.txt',
      `"$(dirname "$0")/asked-by.txt"`,
    ),
  )
  using connection = await connect(flags, recordingTerminal())
  const signed = await Promise.all([connection.sign(), connection.sign()])
  expect([...signed, await connection.sign()].map(authorizationOf)).toEqual(Array(3).fill('Bearer t-1'))
  expect(readFileSync(join(folder, 'asked-by.txt'), 'utf8').trim()).toBe(
    'get-token north {"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","spec":{"interactive":false}}',
  )
})

it('a pending login plugin is killed when the connection is disposed', async () => {
  const { folder, flags } = withPlugin(`sleep 600 & echo $! > "$(dirname "$0")/child"; trap '' TERM; wait`)
  const connection = await connect(flags, recordingTerminal())
  const signed = connection.sign().catch((thrown: unknown) => thrown)
  await expect
    .poll(() => existsSync(join(folder, 'child')) && readFileSync(join(folder, 'child'), 'utf8'))
    .toMatch(/\d\n/)
  const child = Number(readFileSync(join(folder, 'child'), 'utf8'))
  connection[Symbol.dispose]()
  expect(await signed).toMatchObject({ code: 'cluster_credentials' })
  await expect.poll(() => isRunning(child)).toBe(false)
})

function isRunning(pid: number): boolean {
  try {
    // One that only waits to be collected is over.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

it.each([
  ['it fails', `echo 'no such profile' >&2; exit 3`, /plugin: exit code 3 \(no such profile\)/],
  ['it gives something else', `echo hello`, /gave no ExecCredential as JSON/],
  ['it gives nothing', `echo '{"status":{"token":""}}'`, /gave neither a token nor a certificate/],
  ['it gives half', `echo '{"status":{"clientCertificateData":"c"}}'`, /gave neither/],
])('a failing credential plugin is reported: %s', async (_name, script, message) => {
  const { flags } = withPlugin(script)
  using connection = await connect(flags, recordingTerminal())
  await expect(connection.sign()).rejects.toMatchObject({
    code: 'cluster_credentials',
    message: expect.stringMatching(message),
  })
})

it('what a program says holds until it expires, a minute where it does not say', async () => {
  const folder = folderOf()
  const script = (more: string): string[] => [
    '-c',
    `echo run >> "${folder}/runs"; echo '${credentialOf('t', more)}'`,
  ]
  const clock = new ManualClock(1_700_000_000_000)
  const runs = (): number => readFileSync(join(folder, 'runs'), 'utf8').split('run').length - 1
  const ask = (more: string): (() => Promise<unknown>) =>
    execCredential(
      { command: 'sh', args: script(more) },
      {
        env: process.env,
        folder,
        clock: { wallClock: () => clock.now() },
        signal: new AbortController().signal,
      },
    )
  const plain = ask('')
  await plain()
  await plain()
  expect(runs()).toBe(1)
  clock.advance(61_000)
  await plain()
  expect(runs()).toBe(2)
  const until = new Date(clock.now() + 3_600_000).toISOString()
  const long = ask(`,"expirationTimestamp":"${until}"`)
  await long()
  clock.advance(3_000_000)
  await long()
  expect(runs()).toBe(3)
})

it('a kubeconfig may be a pipe', async () => {
  const folder = folderOf()
  const pipe = join(folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  const writer = spawn('sh', ['-c', `cat > "${pipe}"`], { stdio: ['pipe', 'ignore', 'ignore'] })
  writer.stdin.end(kubeconfig({ token: 't-2' }))
  using connection = await connect({ kubeconfig: pipe }, recordingTerminal())
  expect(authorizationOf(await connection.sign())).toBe('Bearer t-2')
})

it('a kubeconfig pipe without a writer is an error', async () => {
  const pipe = join(folderOf(), 'pipe')
  execFileSync('mkfifo', [pipe])
  await expect(connect({ kubeconfig: pipe }, recordingTerminal())).rejects.toMatchObject({
    code: 'cluster_config_invalid',
    message: expect.stringMatching(/said nothing for 10/),
  })
})
