/** Engines on tiny models in a temporary folder, and helpers that collect their output. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger } from '@hadal/base'
import {
  createLlamaEngine,
  type Engine,
  type FinishReason,
  type GeneratedToken,
  type GenerateEvent,
  type GenerateRequest,
  type GenerateUsage,
  type LlamaEngineOptions,
  type Prompt,
  type PromptToken,
} from '@hadal/engine'
import { type TinyModelOptions, writeTinyModel } from './tiny-model.ts'

export interface OpenEngine extends AsyncDisposable {
  readonly engine: Engine
  readonly modelPath: string
  /** Pids of the engine processes started so far. */
  readonly pids: readonly number[]
}

/** One thread: tests share the machine. */
export function openEngine(
  options: Omit<LlamaEngineOptions, 'modelPath'> = {},
  model: TinyModelOptions | ((path: string) => void) = {},
): OpenEngine {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-engine-'))
  const modelPath = join(folder, 'tiny.gguf')
  if (typeof model === 'function') model(modelPath)
  else writeTinyModel(modelPath, model)
  const pids: number[] = []
  const logger = createLogger((_level, _message, fields) => {
    if (typeof fields.pid === 'number') pids.push(fields.pid)
  }, 'debug')
  const engine = createLlamaEngine({ modelPath, threads: 1, logger, ...options })
  return {
    engine,
    modelPath,
    pids,
    async [Symbol.asyncDispose]() {
      await engine[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true })
    },
  }
}

let requests = 0

/** Greedy by default. */
export function ask(prompt: Prompt, more: Partial<GenerateRequest> = {}): GenerateRequest {
  requests += 1
  return { id: `request-${requests}`, prompt, sampling: { temperature: 0 }, stop: [], ...more }
}

export interface Answer {
  readonly text: string
  readonly deltas: readonly string[]
  readonly tokens: readonly GeneratedToken[]
  /** Ids of all emitted tokens. */
  readonly ids: readonly number[]
  readonly prompt: readonly PromptToken[] | undefined
  readonly tokenCount: number
  readonly finishReason: FinishReason
  readonly stopString?: string
  readonly stopToken?: number
  readonly usage: GenerateUsage
}

export async function collect(events: AsyncIterable<GenerateEvent>): Promise<Answer> {
  const deltas: string[] = []
  const tokens: GeneratedToken[] = []
  const ids: number[] = []
  let prompt: readonly PromptToken[] | undefined
  let tokenCount = 0
  let done: Extract<GenerateEvent, { type: 'done' }> | undefined
  for await (const event of events) {
    if (done !== undefined) throw new Error('an event came after done')
    if (event.type === 'done') done = event
    else if (event.type === 'prompt') {
      if (deltas.length > 0) throw new Error('the prompt came after text')
      prompt = event.tokens
    } else if (event.type === 'delta') {
      deltas.push(event.text)
      tokens.push(...event.logprobs)
      ids.push(...event.tokens)
      tokenCount += event.tokenCount
    }
  }
  if (done === undefined) throw new Error('done never came')
  return { ...done, text: deltas.join(''), deltas, tokens, ids, prompt, tokenCount }
}
