/** Settings that change while `hadal serve` serves: over real sockets, with an engine that is slow enough to be met at work. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFakeEngine } from '@hadal/engine'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { eventually } from '../../../kernel/base/test/eventually.ts'
import { type RecordingTerminal, recordingTerminal } from '../test/recording-terminal.ts'
import { serve } from './commands/serve.ts'
import { createProgram } from './program.ts'

let folder: string
let terminal: RecordingTerminal
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-serve-reload-'))
  writeFileSync(join(folder, 'tiny.gguf'), 'GGUF')
  terminal = recordingTerminal({ folder })
})
afterEach(() => rmSync(folder, { recursive: true }))

const configure = (settings: Record<string, unknown>): void =>
  writeFileSync(
    join(folder, 'hadal.config.json'),
    JSON.stringify({ model: join(folder, 'tiny.gguf'), port: 0, ...settings }),
  )

async function start() {
  const stop = new AbortController()
  const signals = { first: stop.signal, [Symbol.dispose]: () => {} }
  const program = createProgram(terminal, () => {})
  const engine = () => createFakeEngine({ tokenMillis: 5, model: { id: 'tiny' } })
  const code = new Promise<number>((resolve, reject) => {
    program.commands
      .find((command) => command.name() === 'serve')!
      .action((_flags, command) => serve(command, terminal, engine, signals).then(resolve, reject))
    program.parseAsync(['serve'], { from: 'user' }).catch(reject)
  })
  const urlIn = (): string | undefined => /http:\/\/[\d.]+:\d+/.exec(terminal.printed.join('\n'))?.[0]
  await Promise.race([code, eventually(() => expect(urlIn()).toBeDefined())])
  const ask = (key: string, body: Record<string, unknown> = {}, path = 'completions') =>
    fetch(`${urlIn()}/v1/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({ model: 'tiny', prompt: 'abc', ...body }),
    })
  return {
    ask,
    stop: async () => {
      stop.abort('SIGTERM')
      return code
    },
  }
}
const noted = (): string => terminal.noted.join('\n')

it('SIGHUP brings the config into force, and drops no stream', async () => {
  configure({ apiKeys: ['old'], maxQueue: 5 })
  const { ask, stop } = await start()
  const streams = await Promise.all(
    Array.from({ length: 4 }, () => ask('old', { prompt: 'x'.repeat(120), stream: true, max_tokens: 120 })),
  )
  configure({ apiKeys: ['new'], maxQueue: 6 })
  process.emit('SIGHUP', 'SIGHUP')
  await eventually(async () => expect((await ask('new')).status).toBe(200))
  expect((await ask('old')).status).toBe(401)
  for (const stream of streams) expect(await stream.text()).toContain('[DONE]')
  expect(noted()).toContain('config read again (SIGHUP): apiKeys changed')
  expect(noted()).toContain('maxQueue: changed in the config, and waits for a restart')
  expect(noted()).not.toMatch(/\bold"|\bnew"/)
  expect(await stop()).toBe(0)
})

it('a config with errors changes nothing, and all errors are reported', async () => {
  configure({ apiKeys: ['old'] })
  const { ask, stop } = await start()
  configure({ apiKeys: ['new'], prot: 1, maxBatchSize: 'x' })
  process.emit('SIGHUP', 'SIGHUP')
  await eventually(() => expect(noted()).toContain('there is no setting prot; did you mean port?'))
  expect(noted()).toContain('maxBatchSize: "x" is not')
  expect([(await ask('old')).status, (await ask('new')).status]).toEqual([200, 401])
  expect(await stop()).toBe(0)
})

it('a file that changes is read where watchConfig says so', async () => {
  configure({ watchConfig: true, maxTokens: 1 })
  const { ask, stop } = await start()
  const messages = [{ role: 'user', content: 'abc' }]
  const length = async () => {
    const answer = await ask('', { messages, prompt: undefined }, 'chat/completions')
    return ((await answer.json()) as { usage: { completion_tokens: number } }).usage.completion_tokens
  }
  expect(await length()).toBe(1)
  configure({ watchConfig: true, maxTokens: 2 })
  await eventually(async () => expect(await length()).toBe(2))
  expect(await stop()).toBe(0)
})

it('no reload opens a server to everybody, and none starts so', async () => {
  configure({ host: '0.0.0.0', apiKeys: ['old'] })
  const { ask, stop } = await start()
  configure({ host: '0.0.0.0' })
  process.emit('SIGHUP', 'SIGHUP')
  await eventually(() => expect(noted()).toContain('no apiKeys are configured'))
  expect((await ask('')).status).toBe(401)
  expect(await stop()).toBe(0)
  terminal.printed.length = 0
  await expect(start()).rejects.toMatchObject({ code: 'keyless_listen' })
})

it('another guard is in force from the next request on', async () => {
  const words = { classifier: 'off', similarity: 'off', perplexity: 'off' }
  const guard = (pattern: string) => ({ checks: words, patterns: [{ name: 'word', pattern }] })
  configure({ watchConfig: true, guard: guard('plum') })
  const { ask, stop } = await start()
  const isBlocked = async (prompt: string) =>
    (await ask('', { prompt })).headers.get('x-hadal-guard') === 'blocked'
  expect(terminal.printed.join('\n')).toMatch(/guard +default, but for checks, patterns/)
  expect(await isBlocked('a plum')).toBe(true)
  configure({ watchConfig: true, guard: guard('pear') })
  await eventually(async () => expect(await isBlocked('a pear')).toBe(true))
  expect(await isBlocked('a plum')).toBe(false)
  configure({ watchConfig: true, guard: 'off' })
  await eventually(async () => expect(await isBlocked('a pear')).toBe(false))
  expect(await stop()).toBe(0)
})
