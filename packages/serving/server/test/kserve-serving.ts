/** Shared by the KServe tests: a server over a tensor engine, and bodies with binary data. */

import {
  createFakeEngine,
  type FakeEngine,
  type InferRequest,
  type TensorModel,
  type TensorValue,
} from '@hadal/engine'
import type { InferredTensor } from '@hadal/protocol'
import { createServer, type HadalServer, type ServerOptions } from '@hadal/server'
import { onTestFinished } from 'vitest'

/** Any number of rows of two floats, mapped to rows of three and to an integer each. */
export const scores: TensorModel = {
  inputs: [{ name: 'x', dtype: 'float32', dims: ['batch', 2] }],
  outputs: [
    { name: 'scores', dtype: 'float32', dims: ['batch', 3] },
    { name: 'ids', dtype: 'int64', dims: ['batch'] },
  ],
  batching: { kind: 'free', reason: 'for a test' },
  metadata: {},
  platform: 'onnxruntime_onnx',
}

export interface TensorServing {
  readonly server: HadalServer
  readonly engine: FakeEngine
  /** Requests the engine received. */
  readonly requested: InferRequest[]
}

/** `answer`: the model's outputs; zeros by default. */
export function serveTensors(
  tensors: TensorModel = scores,
  options: Partial<ServerOptions> = {},
  answer?: (
    request: InferRequest,
    signal: AbortSignal | undefined,
  ) => readonly TensorValue[] | Promise<readonly TensorValue[]>,
): TensorServing {
  const can = { generate: false, embed: false, rerank: false, infer: true }
  const engine = createFakeEngine({ model: { id: 'mymodel', tensors, can } })
  const requested: InferRequest[] = []
  const { infer } = engine
  engine.infer = async (request, signal) => {
    requested.push(request)
    if (answer === undefined) return infer!(request, signal)
    const outputs = await answer(request, signal)
    return { outputs, times: { inputMillis: 1, inferMillis: 2, outputMillis: 3 } }
  }
  const server = createServer({ engines: [engine], ...options })
  onTestFinished(() => server.close())
  return { server, engine, requested }
}

export interface ReportedAnswer {
  readonly outputs: readonly (Omit<InferredTensor, 'data'> & { readonly data: unknown })[]
  readonly error?: string
}

export interface InferReply {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly bytes: Buffer
  /** The JSON part of a binary response. */
  json(): ReportedAnswer
  /** The binary part. */
  binary(): Buffer
}

export async function infer(
  server: HadalServer,
  body: Buffer | object,
  {
    model = 'mymodel',
    headers = {},
  }: { readonly model?: string; readonly headers?: Record<string, string> } = {},
): Promise<InferReply> {
  const response = await server.inject({
    method: 'POST',
    url: `/v2/models/${model}/infer`,
    payload: Buffer.isBuffer(body) ? body : JSON.stringify(body),
    headers: Buffer.isBuffer(body) ? headers : { 'content-type': 'application/json', ...headers },
  })
  const { statusCode: status, headers: answered, rawPayload: bytes } = response
  const length = Number(answered['inference-header-content-length'] ?? bytes.length)
  return {
    status,
    headers: answered,
    bytes,
    json: () => JSON.parse(bytes.subarray(0, length).toString()),
    binary: () => bytes.subarray(length),
  }
}

/** A body of JSON and binary data, and its length header. */
export function withBytes(
  json: object | string,
  ...binary: readonly Uint8Array[]
): { readonly body: Buffer; readonly headers: Record<string, string> } {
  const head = Buffer.from(typeof json === 'string' ? json : JSON.stringify(json))
  return {
    body: Buffer.concat([head, ...binary]),
    headers: {
      'content-type': 'application/octet-stream',
      'inference-header-content-length': String(head.length),
    },
  }
}

export const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)
