import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFakeEngine, type FakeEngine, type FakeEngineOptions } from '@hadal/engine'
import type { ServedModel, StartEngine } from '@hadal/service'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type RecordingTerminal, recordingTerminal } from '../test/recording-terminal.ts'
import { serve } from './commands/serve.ts'
import { createProgram } from './program.ts'
import { curl, describeModel, serveBanner } from './serve-banner.ts'

let folder: string
let model: string
let terminal: RecordingTerminal
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-serve-'))
  model = join(folder, 'tiny.gguf')
  writeFileSync(model, 'GGUF')
  terminal = recordingTerminal({ folder })
})
afterEach(() => rmSync(folder, { recursive: true }))

interface Running {
  readonly code: Promise<number>
  readonly stop: AbortController
  readonly started: ServedModel[]
  readonly engines: FakeEngine[]
}

function start(args: readonly string[], options: FakeEngineOptions = {}, change = {}): Running {
  const started: ServedModel[] = []
  const engines: FakeEngine[] = []
  const startEngine: StartEngine = (served) => {
    started.push(served)
    const engine = createFakeEngine({ ...options, model: { id: served.id ?? 'tiny' } })
    engines.push(engine)
    return Object.assign(engine, change)
  }
  const stop = new AbortController()
  const signals = { first: stop.signal, [Symbol.dispose]: () => {} }
  const program = createProgram(terminal, () => {})
  const code = new Promise<number>((resolve, reject) => {
    program.commands
      .find((command) => command.name() === 'serve')!
      .action((_flags, command) => serve(command, terminal, startEngine, signals).then(resolve, reject))
    program.parseAsync(['serve', '--port', '0', ...args], { from: 'user' }).catch(reject)
  })
  return { code, stop, started, engines }
}

/** The address that the banner prints. */
async function address(running: Running): Promise<string> {
  for (;;) {
    const url = /http:\/\/[\d.]+:\d+/.exec(terminal.printed.join('\n'))?.[0]
    if (url !== undefined) return url
    await Promise.race([running.code, new Promise((resolve) => setTimeout(resolve, 5))])
  }
}
const complete = (url: string, prompt = 'abc', headers = {}) =>
  fetch(`${url}/v1/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'tiny', prompt, max_tokens: 50 }),
  })

describe('hadal serve', () => {
  it('serves, prints its settings, and stops on a signal', async () => {
    const running = start(['--model', model, '--max-queue', '7'])
    const url = await address(running)
    const answer = (await (await complete(url)).json()) as { choices: { text: string }[] }
    expect(answer.choices[0]!.text).toBe('abc')
    const banner = terminal.printed.join('\n')
    expect(banner).toContain(`address`)
    expect(banner).toMatch(/maxQueue +7 \(--max-queue\)/)
    expect(banner).toContain(`curl -N ${url}/v1/completions`)
    expect(banner).toContain('given path')
    running.stop.abort('SIGTERM')
    expect(await running.code).toBe(0)
    expect(terminal.noted.join('\n')).toContain('SIGTERM: finishing')
    await expect(complete(url)).rejects.toThrow('fetch failed')
  })

  it('finishes what is under way before it stops', async () => {
    const running = start(['--model', model], { tokenMillis: 10 })
    const url = await address(running)
    const answer = complete(url, 'x'.repeat(30))
    await expect.poll(() => running.engines[0]!.seen.length, { interval: 1 }).toBe(1)
    running.stop.abort('SIGINT')
    expect(((await (await answer).json()) as { choices: { text: string }[] }).choices[0]!.text).toBe(
      'x'.repeat(30),
    )
    expect(await running.code).toBe(0)
  })

  it('asks for keys it was given, and never prints them', async () => {
    const running = start(['--model', model, '--api-keys', 'hush'])
    const url = await address(running)
    expect((await complete(url)).status).toBe(401)
    expect((await complete(url, 'a', { authorization: 'Bearer hush' })).status).toBe(200)
    const said = [...terminal.printed, ...terminal.noted].join('\n')
    expect(said).toContain('Bearer YOUR_KEY')
    expect(said).not.toContain('hush')
    running.stop.abort('SIGTERM')
    expect(await running.code).toBe(0)
  })

  it('reads the chat template before it looks for a model, which may take a download', async () => {
    const running = start(['--model', join(folder, 'missing.gguf'), '--chat-template', 'llama99'])
    await expect(running.code).rejects.toMatchObject({ code: 'chat_template_unreadable' })
  })

  it('that is stopped while the model loads ends with the signal', async () => {
    const running = start(['--model', model], {}, { ready: () => new Promise(() => {}) })
    setTimeout(() => running.stop.abort('SIGTERM'), 50)
    expect(await running.code).toBe(143)
  })

  it('finds a port in use before it loads a model', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as AddressInfo
    const running = start(
      ['--model', model, '--port', String(port)],
      {},
      { ready: () => new Promise(() => {}) },
    )
    await expect(running.code).rejects.toMatchObject({ code: 'port_in_use' })
    await new Promise((resolve) => other.close(resolve))
  })

  it('reports once what keeps the engine from starting', async () => {
    const running = start(['--model', model], {}, { ready: () => Promise.reject(new Error('no good')) })
    await expect(running.code).rejects.toThrow('no good')
    expect(terminal.noted).toEqual([])
  })

  it('starts nothing when the model is not there', async () => {
    const running = start(['--model', join(folder, 'gone.gguf')])
    await expect(running.code).rejects.toMatchObject({ code: 'model_file_not_found' })
    expect(running.started).toEqual([])
  })

  it('serves a folder whose configuration is of a model with towers', async () => {
    const towers = join(folder, 'clip')
    mkdirSync(towers)
    writeFileSync(join(towers, 'config.json'), '{"model_type":"llama"}')
    await expect(start(['--model', towers]).code).rejects.toMatchObject({ code: 'checkpoint_not_servable' })
    writeFileSync(join(towers, 'config.json'), '{"model_type":"clip","vision_config":{}}')
    const running = start(['--model', towers])
    await address(running)
    expect(running.started).toEqual([
      { path: towers, id: undefined, reason: 'given path', isBundled: false, hasTowers: true },
    ])
    running.stop.abort('SIGTERM')
    await running.code
  })

  it('serves an ONNX model, and takes the file of a model without a flag', async () => {
    const onnx = join(folder, 'shirts.onnx')
    await expect(start([onnx]).code).rejects.toMatchObject({ code: 'model_file_not_found' })
    await expect(start(['https://example.invalid/shirts.onnx']).code).rejects.toMatchObject({
      code: 'onnx_not_downloaded',
    })
    writeFileSync(onnx, '')
    for (const [args, served] of [
      [[onnx], { path: onnx, isOnnx: true }],
      [['--model', onnx], { path: onnx, isOnnx: true }],
      [[model], { path: model }],
    ] as const) {
      terminal.printed.length = 0
      const running = start(args)
      await address(running)
      expect(running.started).toEqual([{ id: undefined, reason: 'given path', isBundled: false, ...served }])
      running.stop.abort('SIGTERM')
      await running.code
    }
    await expect(start(['shirts']).code).rejects.toMatchObject({ code: 'config_invalid' })
    await expect(start([onnx, model]).code).rejects.toMatchObject({ code: 'config_invalid' })
  })

  it('serves the model under --model-id', async () => {
    const running = start(['--model', model, '--model-id', 'mine'])
    await address(running)
    expect(running.started).toEqual([{ path: model, id: 'mine', reason: 'given path', isBundled: false }])
    running.stop.abort('SIGTERM')
    await running.code
  })
})

it('the banner goes on from how it was started, and its curl line asks a chat where the model has a template', async () => {
  const { model } = createFakeEngine({ model: { id: 'm', chatTemplate: '{{ messages }}' } })
  const banner = {
    url: 'http://h:1',
    addressReason: '',
    models: [describeModel(model, '')],
    choices: [],
    needsKey: false,
    isBundled: true,
    invocation: 'npm start --',
  }
  expect(serveBanner(banner, terminal.style)).toContain('  npm start -- --model path/to/model.gguf')
  expect(serveBanner(banner, terminal.style)).not.toContain('console')
  expect(serveBanner({ ...banner, hasConsole: true }, terminal.style)).toMatch(/^console +http:\/\/h:1\/$/m)
  expect(curl(banner)).toContain('http://h:1/v1/chat/completions')
  const body = /-d '(.*)'$/s.exec(curl(banner))![1]!
  expect(JSON.parse(body)).toMatchObject({ model: 'm', messages: [{ role: 'user' }] })
  const only = (can: Partial<typeof model.can>): string =>
    curl({
      ...banner,
      models: [
        describeModel({ ...model, can: { generate: false, embed: false, rerank: false, ...can } }, ''),
      ],
    })
  expect(only({ embed: true })).toContain('http://h:1/v1/embeddings')
  expect(only({ rerank: true })).toContain('http://h:1/v1/rerank')
})

it('the banner says what an ONNX model takes, and asks for that', () => {
  const { model } = createFakeEngine({
    model: {
      id: 'shirts/2',
      tensors: {
        inputs: [{ name: 'input', dtype: 'float32', dims: ['', 1, 28, 28] }],
        outputs: [],
        batching: { kind: 'free', reason: '' },
        metadata: {},
        platform: 'onnxruntime_onnx',
      },
    },
  })
  const described = describeModel(model, '')
  expect(described.facts).toContain('input float32 [?, 1, 28, 28]')
  expect(curl({ url: 'http://h:1', models: [described], needsKey: true })).toBe(
    "curl http://h:1/v2/models/shirts%2F2 \\\n    -H 'authorization: Bearer YOUR_KEY'",
  )
})
