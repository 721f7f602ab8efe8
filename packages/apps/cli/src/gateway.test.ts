/** `hadal serve` as a gateway: several models, keys with limits, and a config that changes under it. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openAdministration } from '@hadal/accounts'
import { createFakeEngine } from '@hadal/engine'
import type { StartEngine } from '@hadal/service'
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest'
import { eventually } from '../../../kernel/base/test/eventually.ts'
import { type RecordingTerminal, recordingTerminal } from '../test/recording-terminal.ts'
import { serve } from './commands/serve.ts'
import { createProgram } from './program.ts'

let folder: string
let terminal: RecordingTerminal
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-gateway-'))
  writeFileSync(join(folder, 'tiny.gguf'), 'GGUF')
  terminal = recordingTerminal({ folder })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const tiny = (): string => join(folder, 'tiny.gguf')
const config = (values: object): void =>
  writeFileSync(join(folder, 'hadal.config.json'), JSON.stringify({ port: 0, ...values }))

interface Gateway {
  readonly url: string
  readonly started: string[]
  readonly stop: () => Promise<number>
}

async function start(): Promise<Gateway> {
  const started: string[] = []
  const startEngine: StartEngine = ({ id = 'tiny' }) => {
    started.push(id)
    return createFakeEngine({ reply: `I am ${id}`, model: { id } })
  }
  const stop = new AbortController()
  const signals = { first: stop.signal, [Symbol.dispose]: () => {} }
  const program = createProgram(terminal, () => {})
  const code = new Promise<number>((resolve, reject) => {
    program.commands
      .find((command) => command.name() === 'serve')!
      .action((_flags, command) => serve(command, terminal, startEngine, signals).then(resolve, reject))
    program.parseAsync(['serve'], { from: 'user' }).catch(reject)
  })
  const end = async (): Promise<number> => {
    stop.abort('SIGTERM')
    return code
  }
  onTestFinished(async () => void (await end().catch(() => {})))
  const address = (): string | undefined => /http:\/\/[\d.]+:\d+/.exec(terminal.printed.join('\n'))?.[0]
  const printed = eventually(() => address() ?? Promise.reject(new Error(terminal.noted.join('\n'))))
  const url = await Promise.race([printed, code.then((each) => Promise.reject(new Error(`ended: ${each}`)))])
  return { url: url as string, started, stop: end }
}

async function ask(url: string, model: string, key?: string, more: object = {}) {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
    },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'who?' }], max_tokens: 20, ...more }),
  })
  const text = await response.text()
  const body = text.startsWith('data') ? undefined : JSON.parse(text)
  const said: unknown = body?.choices?.[0]?.message?.content ?? body?.error?.code ?? text
  return { status: response.status, headers: response.headers, said }
}

async function upstream(answer: object, status = 200): Promise<string> {
  const server: Server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.closeAllConnections())
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const completion = (content: string): object => ({
  choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 100, completion_tokens: 11, total_tokens: 111 },
})

it('loads the models of a config file on demand, alongside upstream models', async () => {
  const far = await upstream(completion('I am far'))
  config({
    models: [
      { id: 'one', model: tiny(), fallbacks: ['far'] },
      { id: 'two', model: join(folder, 'missing.gguf'), fallbacks: ['far'] },
      { id: 'far', upstream: { replicas: [far] } },
    ],
  })
  const { url, started } = await start()
  expect(terminal.printed.join('\n')).toContain(`one (loaded on demand) from ${tiny()}`)
  expect(started).toEqual([])
  expect(await ask(url, 'one')).toMatchObject({ status: 200, said: 'I am one' })
  expect(started).toEqual(['one'])
  expect(await ask(url, 'far')).toMatchObject({ status: 200, said: 'I am far' })
  const fallen = await ask(url, 'two')
  expect(fallen).toMatchObject({ status: 200, said: 'I am far' })
  expect(fallen.headers.get('x-hadal-fallback')).toBe('far')
})

it('lets in keys of its database within their limits, and counts what they use, here and elsewhere', async () => {
  const far = await upstream(completion('I am far'))
  const database = join(folder, 'keys.sqlite')
  const administration = await openAdministration({ database, mustExist: false })
  const { secret, key } = await administration.create('team', {
    requestsPerMinute: 3,
    models: ['one', 'far'],
  })
  config({
    database,
    models: [
      { id: 'one', model: tiny() },
      { id: 'two', model: tiny() },
      { id: 'far', upstream: { replicas: [far] } },
    ],
  })
  const { url, stop } = await start()
  expect(await ask(url, 'one')).toMatchObject({ status: 401 })
  const first = await ask(url, 'one', secret)
  expect(first).toMatchObject({ status: 200, said: 'I am one' })
  expect(first.headers.get('x-ratelimit-limit-requests')).toBe('3')
  expect(await ask(url, 'two', secret)).toMatchObject({ status: 403, said: 'model_forbidden' })
  expect(await ask(url, 'far', secret)).toMatchObject({ status: 200 })
  expect(await ask(url, 'one', secret, { stream: true })).toMatchObject({ status: 200 })
  const refused = await ask(url, 'one', secret)
  expect(refused).toMatchObject({ status: 429, said: 'rate_limited' })
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(await stop()).toBe(0)
  const month = new Date().toISOString().slice(0, 7)
  const used = await administration.usage({ by: 'model', month, key: key.id })
  const of = (model: string) => used.find((each) => each.of === model)
  expect(of('far')).toMatchObject({ promptTokens: 100, completionTokens: 11, requests: 1 })
  expect(of('one')).toMatchObject({ requests: 2, completionTokens: 2 * 'I am one'.length })
  await administration[Symbol.asyncDispose]()
})

it('takes a config that changed, as a whole or not at all', async () => {
  config({ watchConfig: true, models: [{ id: 'one', model: tiny() }] })
  const { url } = await start()
  expect(await ask(url, 'one')).toMatchObject({ said: 'I am one' })
  config({
    watchConfig: true,
    apiKeys: ['sk-new'],
    models: [
      { id: 'one', model: tiny() },
      { id: 'three', model: tiny() },
    ],
  })
  await eventually(async () => expect(await ask(url, 'one')).toMatchObject({ status: 401 }))
  expect(await ask(url, 'three', 'sk-new')).toMatchObject({ said: 'I am three' })
  config({ watchConfig: true, models: [{ id: 'one' }], apiKeys: [] })
  await eventually(() => expect(terminal.noted.join('\n')).toContain('models[0]: model is missing'))
  expect(await ask(url, 'three', 'sk-new')).toMatchObject({ said: 'I am three' })
  config({ watchConfig: true, models: [{ id: 'three', model: tiny() }] })
  await eventually(async () => expect(await ask(url, 'one')).toMatchObject({ status: 200 }))
})
