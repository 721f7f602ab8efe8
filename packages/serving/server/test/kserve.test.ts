/** KServe's protocol over a fake engine: the specification's examples, rejections, and access. */

import { createFakeEngine, queueFull, type TensorModel, type TensorValue } from '@hadal/engine'
import type { ModelStatistics } from '@hadal/protocol'
import { createServer, type LocalModel } from '@hadal/server'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { bytesOf, infer, scores, serveTensors, withBytes } from './kserve-serving.ts'

const floats = (name: string, dims: readonly number[], values: readonly number[]): TensorValue => ({
  name,
  dtype: 'float32',
  dims,
  data: bytesOf(Float32Array.from(values)),
})

/** The specification's example model. */
const specified: TensorModel = {
  inputs: [
    { name: 'input0', dtype: 'uint32', dims: [2, 2] },
    { name: 'input1', dtype: 'bool', dims: [3] },
  ],
  outputs: [{ name: 'output0', dtype: 'float32', dims: [3, 2] }],
  batching: { kind: 'none', reason: 'for a test' },
  metadata: {},
  platform: 'onnxruntime_onnx',
}
const answer = [floats('output0', [3, 2], [1.0, 1.1, 2.0, 2.1, 3.0, 3.1])]

describe('the exchanges of the specification', () => {
  it('an inference in JSON (inference_rest.md, "Inference Request Examples")', async () => {
    const { server, requested } = serveTensors(specified, {}, () => answer)
    const { status, headers, json } = await infer(server, {
      id: '42',
      inputs: [
        { name: 'input0', shape: [2, 2], datatype: 'UINT32', data: [1, 2, 3, 4] },
        { name: 'input1', shape: [3], datatype: 'BOOL', data: [true, false, true] },
      ],
      outputs: [{ name: 'output0' }],
    })
    expect(status).toBe(200)
    expect(headers['content-type']).toContain('application/json')
    expect(json()).toEqual({
      model_name: 'mymodel',
      model_version: '1',
      id: '42',
      outputs: [
        { name: 'output0', datatype: 'FP32', shape: [3, 2], data: [1, 1.1, 2, 2.1, 3, 3.1].map(Math.fround) },
      ],
    })
    expect(requested[0]).toMatchObject({ outputs: ['output0'] })
    expect(requested[0]!.inputs).toEqual([
      { name: 'input0', dtype: 'uint32', dims: [2, 2], data: bytesOf(Uint32Array.of(1, 2, 3, 4)) },
      { name: 'input1', dtype: 'bool', dims: [3], data: Uint8Array.of(1, 0, 1) },
    ])
  })

  it('tensors as bytes (extension_binary_data.md, "Examples")', async () => {
    const { server, requested } = serveTensors(specified, {}, () => answer)
    const { body, headers } = withBytes(
      `{
  "model_name" : "mymodel",
  "inputs" : [
    { "name" : "input0", "shape" : [ 2, 2 ], "datatype" : "UINT32", "parameters" : { "binary_data_size" : 16 } },
    { "name" : "input1", "shape" : [ 3 ], "datatype" : "BOOL", "parameters" : { "binary_data_size" : 3 } }
  ],
  "outputs" : [ { "name" : "output0", "parameters" : { "binary_data" : true } } ]
}`,
      bytesOf(Uint32Array.of(1, 2, 3, 4)),
      Uint8Array.of(1, 0, 1),
    )
    const reply = await infer(server, body, { headers })
    expect(reply.status).toBe(200)
    expect(reply.headers['content-type']).toBe('application/octet-stream')
    expect(Number(reply.headers['content-length'])).toBe(
      Number(reply.headers['inference-header-content-length']) + 24,
    )
    expect(reply.json().outputs).toEqual([
      { name: 'output0', datatype: 'FP32', shape: [3, 2], parameters: { binary_data_size: 24 } },
    ])
    expect(reply.binary()).toEqual(Buffer.from(answer[0]!.data as Uint8Array))
    expect(requested[0]!.inputs.map(({ data }) => Buffer.from(data as Uint8Array).toString('hex'))).toEqual([
      '01000000020000000300000004000000',
      '010001',
    ])
  })

  it('classes instead of numbers (extension_classification.md)', async () => {
    const labels = { 'hadal.classes': JSON.stringify([0, 1, 2, 3].map((at) => `index_${at}_label`)) }
    const model = (metadata: Record<string, string>): TensorModel => ({
      inputs: [{ name: 'input0', dtype: 'uint32', dims: [2, 2] }],
      outputs: [{ name: 'output0', dtype: 'float32', dims: [4] }],
      batching: { kind: 'none', reason: 'for a test' },
      metadata,
      platform: 'onnxruntime_onnx',
    })
    const request = {
      id: '42',
      inputs: [{ name: 'input0', shape: [2, 2], datatype: 'UINT32', data: [1, 2, 3, 4] }],
      outputs: [{ name: 'output0', parameters: { classification: 2 } }],
    }
    const classes = async (metadata: Record<string, string>): Promise<unknown> => {
      const { server } = serveTensors(model(metadata), {}, () => [
        floats('output0', [4], [1.1, 3.3, 0.5, 2.4]),
      ])
      return (await infer(server, request)).json().outputs[0]
    }
    expect(await classes({})).toEqual({
      name: 'output0',
      datatype: 'BYTES',
      shape: [2],
      data: ['3.3:1', '2.4:3'],
    })
    expect(await classes(labels)).toMatchObject({ data: ['3.3:1:index_1_label', '2.4:3:index_3_label'] })
    expect(await classes({ 'hadal.classes': '{"no": "list"}' })).toMatchObject({ data: ['3.3:1', '2.4:3'] })
  })

  it('what the server and a model are (inference_rest.md)', async () => {
    const { server } = serveTensors()
    const get = async (url: string): Promise<unknown> => (await server.inject(url)).json()
    expect(await get('/v2')).toMatchObject({
      name: 'hadal',
      version: expect.any(String),
      extensions: expect.arrayContaining(['binary_tensor_data', 'classification', 'statistics']),
    })
    expect(await get('/v2/health/live')).toEqual({ live: true })
    expect(await get('/v2/health/ready')).toEqual({ ready: true })
    for (const path of ['/v2/models/mymodel', '/v2/models/mymodel/versions/1']) {
      expect(await get(`${path}/ready`)).toEqual({ name: 'mymodel', ready: true })
      expect(await get(path)).toEqual({
        name: 'mymodel',
        versions: ['1'],
        platform: 'onnxruntime_onnx',
        inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
        outputs: [
          { name: 'scores', datatype: 'FP32', shape: [-1, 3] },
          { name: 'ids', datatype: 'INT64', shape: [-1] },
        ],
      })
      expect(await get(`${path}/config`)).toMatchObject({
        max_batch_size: 8,
        input: [{ name: 'x', data_type: 'TYPE_FP32', dims: [2] }],
        dynamic_batching: {},
      })
    }
  })
})

describe('POST /v2/models/NAME/infer', () => {
  const x = { name: 'x', shape: [1, 2], datatype: 'FP32', data: [1, 2] }

  it('answers with all outputs, as bytes where all are wanted so, but for those that say otherwise', async () => {
    const { server } = serveTensors()
    const all = (await infer(server, { inputs: [x] })).json()
    expect(all).not.toHaveProperty('id')
    expect(all.outputs).toEqual([
      { name: 'scores', datatype: 'FP32', shape: [1, 3], data: [0, 0, 0] },
      { name: 'ids', datatype: 'INT64', shape: [1], data: [0] },
    ])
    const binary = await infer(server, { inputs: [x], outputs: [], parameters: { binary_data_output: true } })
    expect(binary.json().outputs.map(({ parameters }) => parameters?.binary_data_size)).toEqual([12, 8])
    expect(binary.binary()).toHaveLength(20)
    const mixed = await infer(server, {
      inputs: [x],
      outputs: [{ name: 'ids', parameters: { binary_data: false } }, { name: 'scores' }],
      parameters: { binary_data_output: true },
    })
    expect(mixed.json().outputs).toEqual([
      { name: 'ids', datatype: 'INT64', shape: [1], data: [0] },
      { name: 'scores', datatype: 'FP32', shape: [1, 3], parameters: { binary_data_size: 12 } },
    ])
  })

  it('takes bytes alone, without JSON, where they can only be one tensor', async () => {
    const { server, requested } = serveTensors()
    const { body } = withBytes('', bytesOf(Float32Array.of(1, 2, 3, 4)))
    const headers = { 'inference-header-content-length': '0' }
    const reply = await infer(server, body, { headers })
    expect(reply.status).toBe(200)
    expect(requested[0]!.inputs[0]).toMatchObject({ name: 'x', dims: [2, 2] })
    expect(reply.binary()).toHaveLength(2 * 12 + 2 * 8)
    expect((await infer(server, body.subarray(1), { headers })).status).toBe(400)
    expect((await infer(server, Buffer.alloc(0), { headers })).status).toBe(400)
    const two = serveTensors(specified)
    expect((await infer(two.server, body, { headers })).json().error).toContain('only a model of one input')
  })

  it('takes no byte for a BOOL but 0 and 1, with JSON before it or without', async () => {
    const { server } = serveTensors({ ...scores, inputs: [{ name: 'x', dtype: 'bool', dims: ['batch', 2] }] })
    const headers = { 'inference-header-content-length': '0' }
    const alone = (...bytes: number[]) => infer(server, Buffer.from(bytes), { headers })
    expect((await alone(0, 1)).status).toBe(200)
    expect((await alone(2, 1)).json().error).toContain('must be bytes of 0 and 1 for BOOL')
  })

  it('makes of priority and timeout what hadal has, and ignores what is a client’s own', async () => {
    const { server, requested } = serveTensors()
    const parameters = { priority: 3, timeout: 1_500_000, mine: { any: 1 }, sequence_id: 0 }
    expect((await infer(server, { inputs: [x], parameters })).status).toBe(200)
    expect(requested[0]).toMatchObject({ priority: 3, deadlineMillis: 1500 })
    await infer(server, { inputs: [x], parameters: { priority: 0, timeout: 0 } })
    expect(requested[1]).not.toHaveProperty('priority')
    expect(requested[1]).not.toHaveProperty('deadlineMillis')
    await infer(server, { inputs: [x] }, { headers: { 'x-hadal-priority': '2' } })
    expect(requested[2]).toMatchObject({ priority: 2 })
  })

  it.each([
    [{}, 'inputs is required'],
    [{ inputs: [] }, 'inputs must not be empty'],
    [{ inputs: [null] }, 'inputs[0] must be an object'],
    [{ inputs: [{ ...x, datatype: 'BF16' }] }, 'inputs[0].datatype must be one of BOOL, '],
    [
      { inputs: [{ ...x, data: undefined }] },
      'inputs[0].data is required where no binary_data_size is given',
    ],
    [{ inputs: [{ ...x, data: 'no' }] }, 'inputs[0].data must be a list'],
    [{ inputs: [{ ...x, data: [1] }] }, 'inputs[0].data has 1 elements, where the shape [1, 2] has 2'],
    [{ inputs: [{ ...x, data: [1, 2, 3] }] }, 'has more elements than the 2'],
    [{ inputs: [{ ...x, data: [[[1], [2]]] }] }, 'must not nest deeper'],
    [{ inputs: [{ ...x, data: [1, null] }] }, 'must hold a number everywhere, got null for element 1'],
    [{ inputs: [{ ...x, shape: [-1, 2] }] }, 'inputs[0].shape[0] must be at least 0'],
    [{ inputs: [{ ...x, shape: [0, 2], data: [] }] }, 'a dimension must be a whole number of at least 1'],
    [{ inputs: [{ ...x, shape: Array(40).fill(1) }] }, 'shape must be at most 32'],
    [{ inputs: [{ ...x, name: 'y' }] }, 'tensor "y" is no input of the model, which takes x'],
    [{ inputs: [x, x] }, 'tensor "x" is given twice'],
    [{ inputs: [{ ...x, shape: [2], data: [1, 2] }] }, 'has the shape [2], and the model takes [batch, 2]'],
    [{ inputs: [{ ...x, datatype: 'INT8' }] }, 'is of int8, and the model takes float32'],
    [{ inputs: [x], outputs: [{ name: 'nope' }] }, 'tensor "nope" is no output'],
    [{ inputs: [x], outputs: [{ name: 'ids' }, { name: 'ids' }] }, 'outputs[1].name must be another'],
    [
      { inputs: [x], outputs: [{ name: 'ids', parameters: { classification: -1 } }] },
      'classification must be',
    ],
    [
      { inputs: [x], outputs: [{ name: 'ids', parameters: { binary_data: 1 } }] },
      'must be true or false, got 1',
    ],
    [{ inputs: [x], parameters: { priority: -1 } }, 'parameters.priority must be a whole number from 0'],
    [{ inputs: [x], parameters: { timeout: 'soon' } }, 'parameters.timeout must be a whole number'],
    [
      { inputs: [x], parameters: { sequence_id: 7 } },
      'a model with a state between requests is not supported',
    ],
    [{ inputs: [{ ...x, parameters: { shared_memory_region: 'r' } }] }, 'shared memory is not supported'],
    [
      { inputs: [{ ...x, parameters: { binary_data_size: 8 } }] },
      'must be at most the 0 bytes that are left, got 8',
    ],
    ['[]', 'the body must be an object'],
    ['{', 'the body is not JSON'],
  ])('refuses %j', async (body, why) => {
    const { server } = serveTensors()
    const headers = { 'content-type': 'application/json' }
    const { status, json } = await infer(server, typeof body === 'string' ? Buffer.from(body) : body, {
      headers,
    })
    expect([status, json()]).toEqual([400, { error: expect.stringContaining(why) }])
  })

  it('refuses numbers that a type does not have', async () => {
    const { server } = serveTensors({
      ...scores,
      inputs: [{ name: 'x', dtype: 'uint8', dims: ['batch', 2] }],
    })
    const of = async (data: unknown[]): Promise<number> =>
      (await infer(server, { inputs: [{ ...x, datatype: 'UINT8', data }] })).status
    expect(await of([0, 255])).toBe(200)
    for (const data of [
      [0, 256],
      [-1, 0],
      [0.5, 1],
      ['1', 2],
      [true, 1],
    ])
      expect(await of(data)).toBe(400)
  })

  it('answers whatever bytes come, with what is wrong with them', async () => {
    const { server } = serveTensors({
      ...scores,
      inputs: [...scores.inputs, { name: 'text', dtype: 'string', dims: ['batch', 1] }],
    })
    const size = fc.oneof(
      fc.integer({ min: -2, max: 40 }),
      fc.constantFrom(8, 9, 2 ** 31, 2 ** 53, '8', null),
    )
    const wellMade = {
      bytes: Uint8Array.from([...bytesOf(Float32Array.of(1, 2)), 1, 0, 0, 0, 97]),
      sizes: [8, 5],
    }
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          sizes: fc.oneof(fc.constant(wellMade.sizes), fc.tuple(size, size)),
          bytes: fc.oneof(fc.constant(wellMade.bytes), fc.uint8Array({ maxLength: 40 })),
          rows: fc.constantFrom(1, 1, 1, 2, 4_294_967_296),
          lie: fc.oneof(fc.constant(0), fc.integer({ min: -300, max: 300 })),
          length: fc.option(fc.constantFrom('', '-1', '1e3', '0x10', '9'.repeat(30), 'abc'), { freq: 8 }),
        }),
        async ({ sizes, bytes, rows, lie, length }) => {
          const made = withBytes(
            {
              inputs: [
                { name: 'x', shape: [rows, 2], datatype: 'FP32', parameters: { binary_data_size: sizes[0] } },
                {
                  name: 'text',
                  shape: [rows, 1],
                  datatype: 'BYTES',
                  parameters: { binary_data_size: sizes[1] },
                },
              ],
            },
            bytes,
          )
          const reported = length ?? String(Number(made.headers['inference-header-content-length']) + lie)
          const { status, json } = await infer(server, made.body, {
            headers: { ...made.headers, 'inference-header-content-length': reported },
          })
          const isRight =
            bytes === wellMade.bytes && sizes === wellMade.sizes && lie === 0 && length === null && rows === 1
          if (isRight) expect(status).toBe(200)
          else if (status !== 200) {
            expect(status).toBe(400)
            expect(json()).toEqual({ error: expect.any(String) })
          }
        },
      ),
      { numRuns: 400 },
    )
    const good = withBytes(
      {
        inputs: [
          { name: 'text', shape: [1, 1], datatype: 'BYTES', parameters: { binary_data_size: 6 } },
          { name: 'x', shape: [1, 2], datatype: 'FP32', parameters: { binary_data_size: 8 } },
        ],
      },
      Uint8Array.of(2, 0, 0, 0, 0xc3, 0xbc),
      bytesOf(Float32Array.of(1, 2)),
    )
    expect((await infer(server, good.body, { headers: good.headers })).status).toBe(200)
    const broken = Buffer.from(good.body)
    broken[broken.length - 9] = 0xff
    expect((await infer(server, broken, { headers: good.headers })).json().error).toContain(
      'no UTF-8 in the text 0',
    )
  })

  it('counts what came of it', async () => {
    let fails = false
    const { server, engine } = serveTensors(scores, {}, ({ inputs }) => {
      if (fails) throw queueFull(1).with({ retryAfterSeconds: 7 })
      const rows = inputs[0]!.dims[0]!
      return [floats('scores', [rows, 3], Array(3 * rows).fill(1))]
    })
    const listeners = new Set<Parameters<typeof engine.onStep>[0]>()
    engine.onStep = (listener) => {
      listeners.add(listener)
      return { [Symbol.dispose]() {} }
    }
    const stats = async (path = '/v2/models/mymodel/stats'): Promise<ModelStatistics> =>
      (await server.inject(path)).json().model_stats[0]
    await server.loaded()
    const before = await stats()
    expect(before).toMatchObject({
      inference_count: 0,
      execution_count: 0,
      last_inference: 0,
      batch_stats: [],
    })
    await infer(server, { inputs: [{ ...x, shape: [3, 2], data: Array(6).fill(1) }] })
    fails = true
    const refused = await infer(server, { inputs: [x] })
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '7'])
    const { inference_stats: reported, last_inference: last } = await stats('/v2/models/stats')
    expect(reported.success.count).toBe(1)
    expect(reported.fail.count).toBe(1)
    expect(reported.queue.count).toBe(1)
    expect(reported.compute_input).toEqual({ count: 1, ns: 1e6 })
    expect(reported.compute_infer).toEqual({ count: 1, ns: 2e6 })
    expect(reported.compute_output).toEqual({ count: 1, ns: 3e6 })
    expect(last).toBeGreaterThan(1e12)
  })

  it('ends what it computes for a client that leaves, or sends nothing more', async () => {
    const left: unknown[] = []
    const { server, requested } = serveTensors(
      scores,
      { limits: { requestTimeoutMillis: 3000, connectionsCheckMillis: 50 } },
      (_, signal) =>
        new Promise((_resolve, reject) => {
          signal!.addEventListener('abort', () => {
            left.push(signal!.reason)
            reject(signal!.reason)
          })
        }),
    )
    const { url } = await server.listen()
    const leaving = new AbortController()
    const asking = fetch(`${url}/v2/models/mymodel/infer`, {
      method: 'POST',
      body: JSON.stringify({ inputs: [x] }),
      headers: { 'content-type': 'application/json' },
      signal: leaving.signal,
    }).catch(() => {})
    await expect.poll(() => requested.length).toBe(1)
    leaving.abort()
    await asking
    await expect.poll(() => left).toMatchObject([{ code: 'client_gone' }])
    const slow = new ReadableStream({
      async start(controller) {
        controller.enqueue(Buffer.from('{"inputs":'))
      },
    })
    const answer = await fetch(`${url}/v2/models/mymodel/infer`, {
      method: 'POST',
      body: slow,
      duplex: 'half',
      headers: { 'content-type': 'application/json' },
    } as RequestInit)
    expect(answer.status).toBe(408)
  })
})

describe('who is let in, and to what', () => {
  it('asks for keys but for health, and for limits of bodies as everywhere', async () => {
    const { server } = serveTensors(scores, { apiKeys: ['secret'], limits: { maxBodyBytes: 300 } })
    const status = async (url: string, headers = {}): Promise<number> =>
      (await server.inject({ url, headers })).statusCode
    expect(await status('/v2/health/live')).toBe(200)
    expect(await status('/v2/health/ready')).toBe(200)
    for (const url of ['/v2', '/v2/models/mymodel', '/v2/models/mymodel/ready', '/v2/models/stats'])
      expect([url, await status(url), await status(url, { authorization: 'Bearer secret' })]).toEqual([
        url,
        401,
        200,
      ])
    const headers = { authorization: 'Bearer secret' }
    const large = { inputs: [{ name: 'x', shape: [99, 2], datatype: 'FP32', data: Array(198).fill(1) }] }
    const { status: tooLarge, json } = await infer(server, large, { headers })
    expect([tooLarge, json()]).toEqual([413, { error: expect.stringContaining('300 bytes') }])
    const form = { ...headers, 'content-type': 'application/x-www-form-urlencoded' }
    expect((await infer(server, Buffer.from('a=b'), { headers: form })).status).toBe(415)
  })

  it('knows one version of each model, and only models that take tensors', async () => {
    const { server } = serveTensors()
    const words = createFakeEngine({ model: { id: 'words' } })
    const both = createServer({ engines: [words] })
    onTestFinished(() => both.close())
    expect((await server.inject('/v2/models/mymodel/versions/2')).json()).toEqual({
      error: 'mymodel has no version "2". Use version 1, or remove /versions from the path.',
    })
    const unknown = await infer(server, {}, { model: 'mymodel/versions/3' })
    expect(unknown.status).toBe(404)
    expect((await server.inject('/v2/models/nobody')).statusCode).toBe(404)
    expect((await server.inject('/v2/models/nobody/ready')).statusCode).toBe(404)
    expect((await infer(both, { inputs: [] }, { model: 'words' })).status).toBe(501)
    expect((await both.inject('/v2/models/words')).json().error).toContain('words does not accept tensors')
    expect((await both.inject('/v2/models/words/ready')).json()).toEqual({ name: 'words', ready: true })
    expect((await both.inject('/metrics')).body).toContain('code="inference_off"} 2')
    expect((await server.inject('/metrics')).body).toContain('code="model_version_unknown"} 2')
  })

  it('loads models on request, and lists them', async () => {
    const engine = (): ReturnType<typeof createFakeEngine> =>
      createFakeEngine({ model: { id: 'a/b', tensors: scores } })
    const lazy: LocalModel = { kind: 'local', id: 'a/b', open: async () => engine() }
    const server = createServer({ models: [lazy] })
    onTestFinished(() => server.close())
    const index = async (body?: object): Promise<unknown> =>
      (
        await server.inject({
          method: 'POST',
          url: '/v2/repository/index',
          ...(body !== undefined && { payload: body }),
        })
      ).json()
    expect(await index()).toEqual([{ name: 'a/b', version: '1', state: 'UNAVAILABLE', reason: 'unloaded' }])
    expect(await index({ ready: true })).toEqual([])
    expect((await server.inject('/v2/models/a%2Fb/ready')).json()).toEqual({
      error:
        'a/b is not ready. It is loaded with its first request: send one, or have an administrator load it.',
    })
    expect((await server.inject('/metrics')).body).toContain('code="not_ready"} 1')
    expect((await server.inject('/v2/models/a%2Fb')).json()).toMatchObject({ name: 'a/b' })
    expect(await index({ ready: true })).toEqual([{ name: 'a/b', version: '1', state: 'READY', reason: '' }])
    const change = (what: string) =>
      server.inject({ method: 'POST', url: `/v2/repository/models/a%2Fb/${what}` })
    expect((await change('unload')).statusCode).toBe(200)
    expect(await index({ ready: true })).toEqual([])
    expect((await change('load')).statusCode).toBe(200)
    expect(await index({ ready: true })).toHaveLength(1)
  })

  it('says that it drains', async () => {
    let finish = (): void => {}
    const { server, requested } = serveTensors(scores, {}, async () => {
      await new Promise<void>((resolve) => {
        finish = resolve
      })
      return [floats('scores', [1, 3], [1, 2, 3])]
    })
    const body = { inputs: [{ name: 'x', shape: [1, 2], datatype: 'FP32', data: [1, 2] }] }
    const last = infer(server, body)
    await expect.poll(() => requested.length).toBe(1)
    const drained = server.drain(10_000)
    expect((await server.inject('/v2/health/ready')).statusCode).toBe(400)
    expect((await infer(server, body)).status).toBe(503)
    finish()
    expect((await last).json().outputs[0]!.data).toEqual([1, 2, 3])
    await drained
  })
})
