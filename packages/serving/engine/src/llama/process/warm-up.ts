/**
 * Computes a synthetic request before the first real one, through all stages of a request: this loads pages of the weights,
 * graphs, the thread pool, the tokenizer's worker, samplers and this project's own code. It is invisible outside, and leaves
 * the context empty.
 */

import type { Clock } from '@hadal/base'
import type { FromProcess } from '../messages.ts'
import type { LlamaConfig } from '../options.ts'
import { sequenceStart } from '../sequence-start.ts'
import { EngineLoop } from './engine-loop.ts'
import type { LoadedModel } from './open-generator.ts'
import type { PooledModel } from './open-pooled.ts'
import type { Vocabulary } from './vocabulary.ts'

/**
 * Several rows at once, then single ones. With 32 and 3 a first request was no faster, and the warm-up took three times as
 * long.
 */
const promptTokens = 8
const newTokens = 2

export async function warmUp(config: LlamaConfig, model: LoadedModel, clock: Clock): Promise<void> {
  const { native, context, vocabulary, plan } = model
  await vocabulary.tokenize('Once upon a time', true, true, () => true)
  await served(config, model, clock, prompt(vocabulary, plan.contextLength - newTokens))
  native.llama.memoryClear(native.llama.getMemory(context), false)
}

/** Resolves with the end of the synthetic request. */
function served(config: LlamaConfig, model: LoadedModel, clock: Clock, prompt: number[]): Promise<void> {
  return new Promise((resolve) => {
    const send = (message: FromProcess): void => {
      if (message.type === 'step' && message.events.some((event) => 'done' in event || 'error' in event))
        resolve()
    }
    // Without speculation, so that nothing is learned from this request.
    const loop = new EngineLoop(config, model, undefined, send, clock)
    const request = {
      id: 'warm-up',
      prompt,
      maxTokens: newTokens,
      sampling: {},
      stop: [],
      ignoreEos: true,
      reusePrefix: false,
    }
    loop.receive({ start: [{ ...sequenceStart(0, request), adapters: [] }] })
  })
}

export function warmUpPooled({ contexts }: PooledModel, vocabulary: Vocabulary): void {
  for (const context of contexts) {
    const tokens = prompt(vocabulary, Math.min(context.plan.inputLength, context.plan.capacity))
    context.compute([{ sequence: 0, from: 0, tokens }])
    context.forget(0)
  }
}

const prompt = ({ size }: Vocabulary, most: number): number[] =>
  Array.from({ length: Math.max(1, Math.min(promptTokens, most)) }, (_, at) => at % size)
