/** `hadal deploy render` as people use it: files, reasons, and errors that say what to do. */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadDeployment } from '@hadal/cluster'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { type RecordingTerminal, recordingTerminal } from '../../test/recording-terminal.ts'
import { createProgram } from '../program.ts'
import { deployRender } from './deploy-render.ts'

let folder: string
let terminal: RecordingTerminal
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-render-'))
  terminal = recordingTerminal({
    folder,
    env: { HADAL_MODEL: 'of-the-operator', HADAL_DEPLOY: '{"name":"wrong"}' },
  })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const config = (values: object): void =>
  writeFileSync(join(folder, 'hadal.config.json'), JSON.stringify(values))
const printed = (): string => terminal.printed.join('\n')
const cpu = { gpusPerReplica: 0 }

it('writes manifests, and says each choice, what the Secret needs, and what comes next', async () => {
  config({ deploy: { ...cpu, name: 'chat', overlays: { staging: { namespace: 'staging' } } } })
  expect(await deployRender({ out: 'deploy' }, terminal)).toBe(0)
  expect(readFileSync(join(folder, 'deploy/base/engine-deployment.yaml'), 'utf8')).toContain(
    'name: chat-engine',
  )
  expect(readFileSync(join(folder, 'deploy/box/compose.yaml'), 'utf8')).toContain('../../hadal.config.json')
  expect(printed()).toContain('deploy/base/gateway-deployment.yaml\n')
  expect(printed()).toContain('deploy/overlays/staging/kustomization.yaml\n')
  expect(printed()).toMatch(/deploy\/monitoring\/ \(\d+ files: rules/)
  expect(printed()).toMatch(/GPUs of nano +none: gpusPerReplica is 0/)
  expect(printed()).toContain('kubectl -n hadal create secret generic chat-secrets --from-file=api-keys=FILE')
  expect(printed()).toContain('hadal deploy lint\n')
  expect(printed()).toContain('hadal deploy plan --overlay staging')
})

it('makes no namespace that every cluster has, and does not say to', async () => {
  config({ deploy: { ...cpu, namespace: 'default' } })
  await deployRender({ out: 'deploy' }, terminal)
  expect(printed()).toContain('kubectl -n default create secret generic')
  expect(printed()).not.toContain('namespace.yaml')
})

it('says again only what has changed', async () => {
  config({ deploy: cpu })
  await deployRender({ out: 'deploy' }, terminal)
  terminal.printed.length = 0
  await deployRender({ out: 'deploy' }, terminal)
  expect(printed()).toContain('no changes since the last rendering')
  terminal.printed.length = 0
  config({ deploy: { ...cpu, gatewayReplicas: 5 } })
  await deployRender({ out: 'deploy' }, terminal)
  expect(printed()).toContain('deploy/base/gateway-deployment.yaml')
  expect(printed()).not.toContain('deploy/base/engine-deployment.yaml')
  expect(printed()).toMatch(/and \d+ more unchanged/)
})

it('prints a single file to stdout, and the reasons to stderr', async () => {
  config({ deploy: cpu })
  await deployRender({ out: '-' }, terminal)
  const kinds = parseAllDocuments(printed()).map((document) => document.toJS().kind)
  expect(kinds).toEqual(
    expect.arrayContaining(['Namespace', 'Deployment', 'Service', 'NetworkPolicy', 'PrometheusRule']),
  )
  expect(terminal.noted.join('\n')).toContain('weights of nano')
})

it('reports the written files and the Secret’s keys as JSON', async () => {
  config({
    deploy: cpu,
    models: [{ id: 'api', upstream: { replicas: ['https://api.deepseek.com'], apiKeyEnv: 'API_KEY' } }],
  })
  await deployRender({ out: 'out', json: true }, terminal)
  expect(JSON.parse(printed())).toMatchObject({
    out: 'out',
    secretName: 'hadal-secrets',
    secretKeys: expect.arrayContaining([
      { key: 'api-keys', variable: 'HADAL_API_KEYS', optional: false },
      { key: 'api-key', variable: 'API_KEY', optional: false },
    ]),
    written: expect.arrayContaining(['all.yaml', 'base/gateway-config.yaml']),
    reasons: expect.arrayContaining([expect.objectContaining({ what: 'gateways' })]),
  })
})

it('reads only the file, not the environment of the process', async () => {
  config({ deploy: cpu })
  expect(await loadDeployment({}, terminal)).toMatchObject({ name: 'hadal', engines: [{ modelId: 'nano' }] })
})

it('is the bundled model where there is no file', async () => {
  expect(await loadDeployment({}, terminal)).toMatchObject({ engines: [{ modelId: 'nano', gpus: 1 }] })
})

it('finds out how large a model here is, in parts and in folders, too', async () => {
  writeFileSync(join(folder, 'one.gguf'), 'x'.repeat(10))
  writeFileSync(join(folder, 'two-00001-of-00002.gguf'), 'x'.repeat(20))
  writeFileSync(join(folder, 'two-00002-of-00002.gguf'), 'x'.repeat(30))
  mkdirSync(join(folder, 'clip'))
  writeFileSync(join(folder, 'clip/model.safetensors'), 'x'.repeat(40))
  writeFileSync(join(folder, 'clip/config.json'), '{}')
  const models = ['./one.gguf', './two-00001-of-00002.gguf', './clip'].map((model, at) => ({
    id: `m${at}`,
    model,
  }))
  config({ models, deploy: cpu })
  const { engines } = await loadDeployment({}, terminal)
  expect(engines.map(({ model }) => model.bytes)).toEqual([10, 50, 40])
})

it('takes a chat template from its file here', async () => {
  writeFileSync(join(folder, 'chat.jinja'), '{{ messages }}')
  config({ chatTemplate: './chat.jinja', deploy: cpu })
  const { engines } = await loadDeployment({}, terminal)
  expect(engines[0]!.config).toMatchObject({ chatTemplate: '{{ messages }}' })
  config({ chatTemplate: './gone.jinja', deploy: cpu })
  await expect(loadDeployment({}, terminal)).rejects.toMatchObject({ code: 'deploy_invalid' })
})

it('takes the times of probes from what a start was measured to take', async () => {
  config({ deploy: cpu })
  const starts = { off: [{ readyMillis: 9e9 }], on: [{ readyMillis: 20_000 }, { readyMillis: 40_000 }] }
  writeFileSync(join(folder, 'cold.json'), JSON.stringify({ model: 'nano', starts }))
  const { engines } = await loadDeployment({ coldStart: 'cold.json' }, terminal)
  expect(engines[0]!.times).toMatchObject({ probePeriodSeconds: 5, startupFailureThreshold: 24 })
})

it.each([
  ['{', /is not a cold-start report: .*JSON/],
  ['{"model":"nano"}', /it has no starts of a model/],
  ['{"model":"nano","starts":{"on":[{"readyMillis":"1"}, null]}}', /it has no starts of a model/],
  ['null', /it has no starts of a model/],
])('says that %s is no report of a cold start', async (text, message) => {
  writeFileSync(join(folder, 'cold.json'), text)
  const loaded = loadDeployment({ coldStart: 'cold.json' }, terminal)
  await expect(loaded).rejects.toMatchObject({
    code: 'deploy_cold_start_unreadable',
    message: expect.stringMatching(message),
  })
})

it('knows the overlays there are', async () => {
  config({ deploy: { ...cpu, overlays: { staging: { namespace: 'staging' } } } })
  expect(await loadDeployment({ overlay: 'staging' }, terminal)).toMatchObject({ namespace: 'staging' })
  await expect(loadDeployment({ overlay: 'stage' }, terminal)).rejects.toMatchObject({
    code: 'deploy_overlay_unknown',
    help: 'Use one of staging.',
  })
})

it('refuses to write to a folder that holds other files', async () => {
  mkdirSync(join(folder, 'deploy'))
  writeFileSync(join(folder, 'deploy/mine.yaml'), '')
  await expect(deployRender({ out: 'deploy' }, terminal)).rejects.toMatchObject({
    code: 'deploy_folder_taken',
  })
})

it('reports all errors at once, without secrets', async () => {
  const word = ['zq7', 'mark', '4k9'].join('')
  config({
    apiKeys: [word],
    database: `${word}.sqlite`,
    privateMetrics: true,
    tlsCert: 'c.pem',
    tlsKey: 'k.pem',
    guard: { preset: 'strict', secret: word },
    models: [{ id: 'api', upstream: { replicas: ['https://api.deepseek.com'], headers: { 'x-key': word } } }],
  })
  const codes: number[] = []
  const program = createProgram(terminal, (code) => codes.push(code))
  const thrown = await program
    .parseAsync(['deploy', 'render'], { from: 'user' })
    .catch((error: unknown) => error)
  expect(thrown).toMatchObject({ code: 'deploy_invalid' })
  expect((thrown as Error).message.split('\n')).toHaveLength(5)
  expect((thrown as Error).message + printed() + terminal.noted.join('\n')).not.toContain(word)
})

it('prints no secret of a service that has them where they belong', async () => {
  const word = ['zq7', 'mark', '4k9'].join('')
  config({
    apiKeys: [word],
    adminKeys: [`${word}x`],
    database: `postgres://hadal:${word}@db/hadal`,
    guard: { preset: 'strict', secret: word },
    models: [{ id: 'api', upstream: { replicas: ['https://api.deepseek.com'], apiKey: word } }],
  })
  await deployRender({ out: '-' }, terminal)
  await deployRender({ out: 'deploy' }, terminal)
  await deployRender({ out: 'deploy', json: true }, terminal)
  expect(printed() + terminal.noted.join('\n')).not.toContain(word)
  expect(printed()).toContain('upstream-key-api')
})
