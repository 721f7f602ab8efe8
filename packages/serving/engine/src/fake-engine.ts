/**
 * A small, complete engine for tests of code that uses `Engine`: it emits a script (or echoes the prompt), one character per
 * token, on a `Clock`, and honours the interface: stop strings, token limits, cancellation, the queue limit, crash and restart,
 * draining. Grammars and samplers are validated but have no effect; `seen` records the requests.
 */

import { setImmediate } from 'node:timers/promises'
import { type Clock, systemClock } from '@hadal/base'
import {
  type AdapterInfo,
  type Engine,
  type GenerateEvent,
  type GenerateRequest,
  type InferRequest,
  isImageInput,
  type ModelInfo,
  type SlotInfo,
  type StepReport,
} from './engine.ts'
import { adapterExists, adapterUnknown, contextLengthExceeded, emptyPrompt } from './errors.ts'
import {
  characterOf,
  charactersOf,
  describe,
  describePrompt,
  limitThinking,
  tokenAt,
  tokenOf,
} from './fake-answer.ts'
import { fakeInference } from './fake-inference.ts'
import { FakeProcess } from './fake-process.ts'
import { parseGbnf } from './gbnf/parse-gbnf.ts'
import { sequenceStart } from './llama/sequence-start.ts'
import { TextStream } from './text/text-stream.ts'

export interface FakeEngineOptions {
  /** The output for a request, followed by the end-of-text token; echoes the prompt by default. */
  readonly reply?: string | ((request: GenerateRequest, prompt: string) => string)
  readonly clock?: Clock
  /** 0 by default: one token per turn of the event loop. */
  readonly tokenMillis?: number
  readonly restartMillis?: number
  readonly maxBatchSize?: number
  readonly maxQueue?: number
  readonly contextLength?: number
  readonly model?: Partial<ModelInfo>
}

export interface FakeEngine extends Engine {
  /** Requests in order of arrival, with the number of tokens generated so far. */
  readonly seen: readonly {
    readonly request: GenerateRequest
    readonly prompt: string
    readonly tokens: number
  }[]
  /** Simulates SIGKILL of a real engine's process. */
  crash(): void
}

interface FakeMember {
  readonly slot: number
  readonly id: string
  /** Prompt tokens. */
  readonly prompt: number
}

const encoder = new TextEncoder()

export function createFakeEngine(options: FakeEngineOptions = {}): FakeEngine {
  const {
    clock = systemClock,
    tokenMillis = 0,
    restartMillis = 10,
    maxBatchSize = 8,
    maxQueue = 64,
  } = options
  const contextLength = options.contextLength ?? 4096
  const reply = options.reply ?? ((_: GenerateRequest, prompt: string) => prompt)
  const seen: { request: GenerateRequest; prompt: string; tokens: number }[] = []
  const fake = new FakeProcess({ clock, restartMillis, maxBatchSize, maxQueue })
  /** The request in each slot. */
  const places = Array.from({ length: maxBatchSize }, (): (typeof seen)[number] | undefined => undefined)
  const adapters = new Map<string, AdapterInfo>()
  const listeners = new Set<(report: StepReport) => void>()
  let steps = 0
  let memberReaders = 0

  /** Reports a single sequence: this engine does not batch. */
  const report = (decodeTokens: number, prefillTokens: number, { slot, id, prompt }: FakeMember): void => {
    steps += 1
    const { running } = fake
    const prefill = prefillTokens > 0 && { prefill: prefillTokens, computed: prompt, prompt }
    const members = memberReaders > 0 && { members: [{ id, slot, ...prefill }] }
    for (const listen of listeners)
      listen({ step: steps, decodeTokens, prefillTokens, running, millis: tokenMillis, ...members })
  }

  async function* generate(request: GenerateRequest, signal?: AbortSignal): AsyncGenerator<GenerateEvent> {
    const prompt = charactersOf(request.prompt)
    const entry = { request, prompt: prompt.join(''), tokens: 0 }
    const queuedAt = clock.now()
    let startedAt = queuedAt
    const done = (
      finishReason: 'stop' | 'length' | 'cancelled',
      by: { readonly stopString?: string; readonly stopToken?: number } = {},
    ): GenerateEvent => ({
      type: 'done',
      finishReason,
      ...by,
      usage: { promptTokens: prompt.length, cachedTokens: 0, completionTokens: entry.tokens },
      timings: { queueMillis: startedAt - queuedAt, prefillMillis: 0, decodeMillis: clock.now() - startedAt },
    })
    check(request)
    const crashed = await fake.enter(signal)
    if (crashed === undefined) return yield done('cancelled')
    const slot = places.indexOf(undefined)
    places[slot] = entry
    startedAt = clock.now()
    seen.push(entry)
    try {
      if (prompt.length === 0) throw emptyPrompt()
      if (prompt.length >= contextLength) throw contextLengthExceeded(prompt.length, contextLength)
      const limit = Math.min(request.maxTokens ?? Number.POSITIVE_INFINITY, contextLength - prompt.length)
      const stream = new TextStream<string>(request.stop)
      const either = signal === undefined ? crashed : AbortSignal.any([signal, crashed])
      const said = typeof reply === 'string' ? reply : reply(request, entry.prompt)
      const answer = [...(request.thinking === undefined ? said : limitThinking(said, request.thinking))]
      const member = { slot, id: request.id, prompt: prompt.length }
      report(0, prompt.length, member)
      const progress = { type: 'progress', promptTokens: prompt.length, cachedTokens: 0, millis: 0 } as const
      if (request.reportsProgress === true) {
        yield { ...progress, computedTokens: 0 }
        yield { ...progress, computedTokens: prompt.length }
      }
      if (request.promptLogprobs !== undefined)
        yield { type: 'prompt', tokens: describePrompt(prompt, request.promptLogprobs) }
      for (;;) {
        await (tokenMillis > 0 ? clock.sleep(tokenMillis, either).catch(() => {}) : setImmediate())
        if (crashed.aborted) throw fake.lost
        if (signal?.aborted) return yield done('cancelled')
        const next = entry.tokens < limit ? tokenAt(entry.tokens, answer, request) : undefined
        const isLast = entry.tokens >= (request.minTokens ?? 0) && next !== undefined
        const stopToken = isLast && request.stopTokens?.includes(tokenOf(next)) ? tokenOf(next) : undefined
        if (next !== undefined) {
          entry.tokens += 1
          report(1, 0, member)
        }
        const ended = next === undefined || stopToken !== undefined
        const { text, tokens, stopString } = ended ? stream.end() : stream.push(encoder.encode(next), next)
        const logprobs =
          request.topLogprobs === undefined ? [] : tokens.map((each) => describe(each, request.topLogprobs!))
        if (tokens.length > 0)
          yield {
            type: 'delta',
            text,
            tokenCount: tokens.length,
            logprobs,
            tokens: tokens.map(tokenOf),
          }
        if (stopString !== undefined) return yield done('stop', { stopString })
        if (stopToken !== undefined) return yield done('stop', { stopToken })
        if (ended) return yield done(entry.tokens < limit ? 'stop' : 'length')
      }
    } finally {
      places[slot] = undefined
      fake.leave()
    }
  }

  /** Validates before queueing, as a real engine does. */
  const check = (request: GenerateRequest): void => {
    sequenceStart(0, request)
    if (request.grammar !== undefined) parseGbnf(request.grammar.gbnf, (token) => Number(token) || 0)
    for (const { id } of request.adapters ?? [])
      if (!adapters.has(id)) throw adapterUnknown(id, [...adapters.keys()])
  }

  return {
    model: {
      id: 'fake',
      path: 'fake.gguf',
      architecture: 'fake',
      parameterCount: 0,
      fileBytes: 0,
      contextLength,
      vocabularySize: 0x110000,
      bosToken: '',
      eosToken: '',
      controlTokens: [],
      trainedLength: contextLength,
      embeddingLength: 2,
      can: { generate: true, embed: true, rerank: true },
      createdAt: 0,
      ...options.model,
    },
    choices: ['engine: fake (for tests)'],
    seen,
    ready: async () => {},
    generate,
    tokenize: async (text) => [...text].map((character) => character.codePointAt(0)!),
    promptLength: async (prompt) => charactersOf(prompt).length,
    detokenize: async (tokens) => tokens.map(characterOf).join(''),
    pieces: async (tokens) => tokens.map((token) => [...encoder.encode(characterOf(token))]),
    snapshot: () => ({
      state: fake.state,
      running: fake.running,
      waiting: fake.waiting,
      maxBatchSize,
      maxQueue,
      kvCacheUsage: fake.running / maxBatchSize,
      restarts: fake.restarts,
      slots: places.map((place, slot): SlotInfo => {
        const promptTokens = place?.prompt.length ?? 0
        const generatedTokens = place?.tokens ?? 0
        const computedTokens = promptTokens + generatedTokens
        const id = place && { id: place.request.id }
        return { slot, ...id, promptTokens, computedTokens, generatedTokens }
      }),
    }),
    async embed({ inputs }) {
      const lengths = inputs.map((input) =>
        isImageInput(input) ? input.image.length : charactersOf(input).length,
      )
      return { vectors: lengths.map((length) => [Float32Array.of(length, 1)]), tokens: lengths }
    },
    async rerank({ query, documents }) {
      return {
        scores: documents.map((document) => (document.includes(query) ? 1 : -1)),
        areProbabilities: false,
        tokens: documents.map((document) => query.length + document.length),
      }
    },
    ...(options.model?.tensors !== undefined && {
      infer: async (request: InferRequest) => fakeInference(options.model!.tensors!, request),
    }),
    get adapters() {
      return [...adapters.values()]
    },
    async loadAdapter(adapter) {
      if (adapters.has(adapter.id)) throw adapterExists(adapter.id)
      adapters.set(adapter.id, adapter)
    },
    async unloadAdapter(id) {
      if (!adapters.delete(id)) throw adapterUnknown(id, [...adapters.keys()])
    },
    async setAdapterScales(scales) {
      for (const { id } of scales) if (!adapters.has(id)) throw adapterUnknown(id, [...adapters.keys()])
      for (const [id, adapter] of adapters)
        adapters.set(id, { ...adapter, scale: scales.find((each) => each.id === id)?.scale ?? 0 })
    },
    onStep(listener) {
      listeners.add(listener)
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },
    reportMembers() {
      memberReaders += 1
      return {
        [Symbol.dispose]() {
          memberReaders -= 1
        },
      }
    },
    crash: () => fake.crash(),
    drain: (timeoutMillis) => fake.drain(timeoutMillis),
    async [Symbol.asyncDispose]() {
      fake.close()
    },
  }
}
