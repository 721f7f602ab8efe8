/** The real server over a fake engine that supports everything and generates short outputs. */

import { createFakeEngine, type Engine } from '@hadal/engine'
import {
  createServer,
  defaultLimits,
  type GenerationLayer,
  type HadalServer,
  type Operations,
} from '@hadal/server'

export interface FuzzServing extends AsyncDisposable {
  readonly server: HadalServer
}

export function fuzzServing(
  engine: Engine = createFakeEngine({
    reply: 'ok {"a":1}\n',
    maxQueue: 100_000,
    model: {
      fim: { prefix: 1, suffix: 2, middle: 3 },
      images: { size: 224, tokens: 50 },
      tensors: {
        inputs: [
          { name: 'x', dtype: 'float32', dims: ['batch', 2] },
          { name: 'text', dtype: 'string', dims: ['batch', 1] },
        ],
        outputs: [
          { name: 'scores', dtype: 'float32', dims: ['batch', 3] },
          { name: 'ids', dtype: 'int64', dims: ['batch'] },
        ],
        batching: { kind: 'free', reason: 'fake' },
        metadata: { 'hadal.classes': '["a","b","c"]' },
        platform: 'onnxruntime_onnx',
      },
      chatTemplate:
        '{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}',
      controlTokens: ['<|im_start|>', '<|im_end|>'],
    },
  }),
  /** Maximum response length. */
  maxTokens = 16,
): FuzzServing {
  const server = createServer({
    engines: [engine],
    adapterChanges: true,
    modelNames: { any: true },
    limits: { ...defaultLimits, maxProfileMillis: 20 },
    layers: [shortAnswers(maxTokens)],
    operations: openApis,
  })
  return {
    server,
    async [Symbol.asyncDispose]() {
      await server.close()
      await engine[Symbol.asyncDispose]()
    },
  }
}

const shortAnswers =
  (most: number): GenerationLayer =>
  (next) =>
  (generation, signal) => {
    const { sequence } = generation
    const maxTokens = Math.min(sequence.maxTokens ?? most, most)
    return next({ ...generation, sequence: { ...sequence, maxTokens } }, signal)
  }

/** Accept everything, because these tests cover the routes, not the operations behind them. */
const openApis = {
  deploy: { lint: async () => ({}) },
  doctor: { explain: async () => ({}) },
  guard: { check: async () => ({}), review: async () => ({}) },
  jobs: {
    kinds: [],
    parse: (_: string, options: unknown) => ({ value: options, ignored: [] }),
    start: async () => ({}),
  },
  keys: { create: async () => ({}), limit: async () => ({}) },
  runs: { report: async () => undefined },
  tune: { apply: async () => ({}) },
} as unknown as Operations
