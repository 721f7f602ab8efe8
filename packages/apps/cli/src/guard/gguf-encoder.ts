/** A GGUF embedding model in its own engine as the guard's encoder. */

import { randomUUID } from 'node:crypto'
import { silentLogger } from '@hadal/base'
import { type Encoder, encoderFrom } from '@hadal/guard'
import type { Terminal } from '@hadal/output'
import type { StartEngine } from '@hadal/service'
import { loadSettings } from '@hadal/service'
import { Command } from 'commander'
import { findModels } from '../find-models.ts'
import { startLlama } from '../start-engine.ts'

export interface GgufEncoder extends AsyncDisposable {
  readonly encoder: Encoder
}

/** @param ref as `hadal serve --model` takes it. Throws what finding and loading a model throws. */
export async function openGgufEncoder(
  ref: string,
  terminal: Terminal,
  signal: AbortSignal,
  startEngine: StartEngine = startLlama,
): Promise<GgufEncoder> {
  // Only the settings for model storage.
  const { values } = await loadSettings(new Command(), terminal)
  const model = await findModels(
    { ...values, model: ref, draftModel: undefined, modelId: undefined },
    terminal,
    signal,
  )
  const engine = startEngine(model, { embeddings: true, pooling: 'mean' }, silentLogger)
  try {
    await engine.ready()
  } catch (error) {
    await engine[Symbol.asyncDispose]()
    throw error
  }
  const { contextLength, embeddingLength } = engine.model
  const embed = async (texts: readonly string[], stop?: AbortSignal): Promise<Float32Array[]> => {
    // Truncates inputs beyond the context; windows are shorter.
    const inputs = await Promise.all(
      texts.map(async (text) => (await engine.tokenize(text, { addSpecial: true })).slice(0, contextLength)),
    )
    const { vectors } = await engine.embed({ id: randomUUID(), inputs }, stop)
    return vectors.map(([vector]) => vector!)
  }
  const encoder = encoderFrom({
    name: model.id ?? model.path,
    dimensions: embeddingLength,
    languages: ['en', 'zh', 'other'],
    embed,
  })
  return { encoder, [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose]() }
}
