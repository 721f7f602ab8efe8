/**
 * A stand-in engine for reading requests that no engine will run: dialects need model info to parse bodies and format responses. It accepts
 * everything and generates nothing.
 */

import { type Engine, type FimTokens, generationOff, type ModelInfo } from '@hadal/engine'

const fim: FimTokens = { prefix: 1, suffix: 2, middle: 3 }

export function standingEngine(id: string, createdAt: number): Engine {
  const model: ModelInfo = {
    id,
    path: '',
    architecture: '',
    parameterCount: 0,
    fileBytes: 0,
    contextLength: Number.MAX_SAFE_INTEGER,
    trainedLength: Number.MAX_SAFE_INTEGER,
    vocabularySize: 0,
    bosToken: '',
    eosToken: '',
    controlTokens: [],
    fim,
    embeddingLength: 0,
    can: { generate: true, embed: false, rerank: false },
    createdAt,
  }
  const none = async (): Promise<never> => {
    throw generationOff(id)
  }
  return {
    model,
    choices: [],
    adapters: [],
    ready: async () => {},
    snapshot: () => ({
      state: 'ready',
      running: 0,
      waiting: 0,
      maxBatchSize: 0,
      maxQueue: 0,
      kvCacheUsage: 0,
      restarts: 0,
      slots: [],
    }),
    generate: () => ({ [Symbol.asyncIterator]: () => ({ next: none }) }),
    // One token per UTF-16 unit, so that detokenizing restores the text.
    tokenize: async (text) => Array.from(text, (_, at) => text.charCodeAt(at)),
    detokenize: async (tokens) => tokens.map((token) => String.fromCharCode(token)).join(''),
    promptLength: async () => 0,
    pieces: async (tokens) => tokens.map(() => []),
    embed: none,
    rerank: none,
    loadAdapter: none,
    unloadAdapter: none,
    setAdapterScales: none,
    onStep: () => ({ [Symbol.dispose]() {} }),
    drain: async () => {},
    async [Symbol.asyncDispose]() {},
  }
}
