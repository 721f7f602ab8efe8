/**
 * ONNX models served alongside a language model: the responses over HTTP are, bit for bit, what the model computes by itself,
 * whatever it is batched with; and what becomes of requests when its process is killed.
 */

import type { ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type OpenedOnnx, openOnnx } from '@hadal/engine/onnx'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { onnxModel } from '../../../serving/engine/test/onnx/models.ts'
import { serve } from './hadal-process.ts'

const onLinux = it.runIf(process.platform === 'linux')

const folder = mkdtempSync(join(tmpdir(), 'hadal-serve-onnx-'))
afterAll(() => rmSync(folder, { recursive: true }))

let hadal: ChildProcess
let url: string
let vision: OpenedOnnx

async function start(...args: string[]): Promise<void> {
  ;({
    hadal: { child: hadal },
    url,
  } = await serve(...args))
}

interface Requested {
  readonly status: number
  readonly retryAfter: string | null
  readonly json: {
    readonly error?: string
    readonly outputs: readonly { readonly data: readonly unknown[] }[]
  }
  /** Behind the JSON. */
  readonly bytes: Buffer
}

async function ask(model: string, json: object, binary: Uint8Array = Buffer.alloc(0)): Promise<Requested> {
  const head = Buffer.from(JSON.stringify(json))
  const response = await fetch(`${url}/v2/models/${model}/infer`, {
    method: 'POST',
    body: Buffer.concat([head, binary]),
    headers: {
      'content-type': 'application/octet-stream',
      'inference-header-content-length': String(head.length),
    },
  })
  const body = Buffer.from(await response.arrayBuffer())
  const length = Number(response.headers.get('inference-header-content-length') ?? body.length)
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    json: JSON.parse(body.subarray(0, length).toString()),
    bytes: body.subarray(length),
  }
}

const pixels = (seed: number, rows: number): Float32Array =>
  Float32Array.from({ length: rows * 16 }, (_, at) => Math.sin(seed * 31 + at * 7))

const look = (data: Float32Array): Promise<Requested> =>
  ask(
    'shirts',
    {
      inputs: [
        {
          name: 'input',
          shape: [data.length / 16, 1, 4, 4],
          datatype: 'FP32',
          parameters: { binary_data_size: data.byteLength },
        },
      ],
      outputs: [{ name: 'logits', parameters: { binary_data: true } }],
    },
    Buffer.from(data.buffer),
  )

const steps = (count: number): Promise<Requested> =>
  ask('busy', { inputs: [{ name: 'steps', shape: [], datatype: 'INT64', data: [count] }] })

beforeAll(async () => {
  const models = [
    { id: 'words', model: 'nano' },
    { id: 'shirts', model: onnxModel('vision'), loadAtStart: true, maxBatchSize: 4, timeoutMicros: 2000 },
    { id: 'busy', model: onnxModel('busy') },
    { id: 'broken', model: onnxModel('unknown-operator') },
  ]
  const config = join(folder, 'hadal.config.json')
  writeFileSync(config, JSON.stringify({ models, threads: 1 }))
  vision = await openOnnx(onnxModel('vision'), { threads: 1 })
  await start('--config', config)
})
afterAll(async () => {
  hadal?.kill('SIGKILL')
  await vision?.close()
})

describe('hadal serve of ONNX models', () => {
  it('answers what the model computes by itself, bit for bit, alone and in any company', async () => {
    const requested = Array.from({ length: 48 }, (_, seed) => pixels(seed, 1 + (seed % 5)))
    const answers = await Promise.all(requested.map(look))
    for (const [at, data] of requested.entries()) {
      const { logits } = await vision.run({
        input: { dtype: 'float32', dims: [data.length / 16, 1, 4, 4], data },
      })
      expect(answers[at]!.status).toBe(200)
      expect(answers[at]!.bytes).toEqual(Buffer.from((logits!.data as Float32Array).buffer))
    }
    const { model_stats: stats } = (await (await fetch(`${url}/v2/models/shirts/stats`)).json()) as {
      model_stats: {
        inference_count: number
        execution_count: number
        batch_stats: { batch_size: number }[]
      }[]
    }
    const rows = requested.reduce((sum, data) => sum + data.length / 16, 0)
    expect(stats[0]!.inference_count).toBe(rows)
    expect(stats[0]!.execution_count).toBeLessThan(rows)
    expect(stats[0]!.batch_stats.at(-1)!.batch_size).toBe(4)
    const metrics = await (await fetch(`${url}/metrics`)).text()
    expect(metrics).toMatch(/hadal_step_sequences_count\{model_name="shirts"\} [1-9]/)
  })

  it('names classes, and takes pictures as numbers', async () => {
    const { json } = await ask('shirts', {
      inputs: [{ name: 'input', shape: [1, 1, 4, 4], datatype: 'FP32', data: [...pixels(1, 1)] }],
      outputs: [{ name: 'logits', parameters: { classification: 3 } }],
    })
    expect(json.outputs[0]!.data).toHaveLength(3)
    for (const line of json.outputs[0]!.data) expect(line).toMatch(/^-?[\d.e-]+:[012]:(?:shirt|boot|bag)$/)
  })

  it('lists them alongside the language model, which takes no tensors', async () => {
    const { data } = (await (await fetch(`${url}/v1/models`)).json()) as { data: Record<string, unknown>[] }
    expect(data.map(({ id }) => id)).toEqual(['words', 'shirts', 'busy', 'broken'])
    expect(data[1]).toMatchObject({ architecture: 'onnx', capabilities: ['inference'] })
    expect(data[1]).not.toHaveProperty('max_model_len')
    const post = (path: string, body: object) =>
      fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    const messages = [{ role: 'user', content: 'Hello' }]
    const chat = await post('/v1/chat/completions', { model: 'shirts', messages })
    expect([chat.status, ((await chat.json()) as { error: { code: string } }).error.code]).toEqual([
      501,
      'generation_off',
    ])
    const words = await post('/v1/chat/completions', { model: 'words', messages, max_tokens: 2 })
    expect(words.status).toBe(200)
    expect((await ask('words', { inputs: [] })).status).toBe(501)
  })

  it('says what is wrong with a model that it cannot load', async () => {
    const answer = await ask('broken', { inputs: [] })
    expect([answer.status, answer.json.error]).toEqual([503, expect.stringContaining('Levitate')])
  })

  onLinux('never has onnxruntime in the server’s process', () => {
    expect(readFileSync(`/proc/${hadal.pid}/maps`, 'utf8')).not.toContain('onnxruntime')
  })

  onLinux(
    'is started again when its process is killed: 503 for who was in it, answers for who comes after',
    async () => {
      expect((await steps(1)).json.outputs[0]!.data).toEqual([0])
      const lost = steps(1_000_000_000)
      process.kill(await atWork(), 'SIGKILL')
      const answer = await lost
      expect([answer.status, answer.retryAfter]).toEqual([503, '1'])
      expect(answer.json.error).toContain('the engine process crashed (SIGKILL)')
      expect((await steps(1)).json.outputs[0]!.data).toEqual([0])
      // Others never noticed.
      expect((await look(pixels(1, 1))).status).toBe(200)
    },
  )

  onLinux('leaves no process that computes on when the server is killed', async () => {
    const lost = steps(1_000_000_000).catch(() => {})
    const pid = await atWork()
    hadal.kill('SIGKILL')
    await lost
    await expect.poll(() => isRunning(pid)).toBe(false)
  })
})

/** The one process of a model that has a busy thread, as soon as there is one: a moment later it may be waiting for its turn. */
async function atWork(): Promise<number> {
  let found: readonly number[] = []
  const look = (): readonly number[] => {
    found = computing()
    return found
  }
  await expect.poll(look).toHaveLength(1)
  return found[0]!
}

/** A zombie process still has an entry. */
const isRunning = (pid: number): boolean =>
  existsSync(`/proc/${pid}/stat`) && readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]![0] !== 'Z'

/** Processes of models that have a busy thread. */
function computing(): number[] {
  const children = readFileSync(`/proc/${hadal.pid}/task/${hadal.pid}/children`, 'utf8').trim().split(' ')
  const isModel = (pid: string): boolean =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('onnx/process/main')
  return children.filter((pid) => isModel(pid) && statesOf(pid).includes('R')).map(Number)
}

const statesOf = (pid: string): string =>
  readdirSync(`/proc/${pid}/task`)
    .map((thread) => readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8').split(') ')[1]![0])
    .join('')
