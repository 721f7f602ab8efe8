/** Reads the metadata of a loaded model. */

import { openGguf } from '@hadal/formats'
import type { ModelPointer, Native } from '../binding.ts'
import type { ModelNature } from '../model-abilities.ts'

/** A value as text, `''` if absent. */
export function metadata({ llama }: Native, model: ModelPointer, key: string): string {
  const buffer = Buffer.alloc(256)
  const length = llama.modelMetaValStr(model, key, buffer, buffer.length)
  return length < 0 ? '' : buffer.toString('utf8', 0, Math.min(length, buffer.length - 1))
}

/** Two vectors of half-precision numbers per layer. An overestimate for models that keep less. */
export function bytesPerCell(native: Native, model: ModelPointer): number {
  const { llama } = native
  const keyLength = metadata(
    native,
    model,
    `${metadata(native, model, 'general.architecture')}.attention.key_length`,
  )
  const headSize = Number(keyLength) || llama.modelNEmbd(model) / Math.max(1, llama.modelNHead(model))
  return Math.max(1, llama.modelNLayer(model) * llama.modelNHeadKv(model) * headSize * 2 * 2)
}

/** Whether keys and values share cells: the latents of multi-head latent attention. */
export function hasOneLatent(native: Native, model: ModelPointer): boolean {
  const architecture = metadata(native, model, 'general.architecture')
  return metadata(native, model, `${architecture}.attention.key_length_mla`) !== ''
}

/** `paths` are the model's parts. */
export function natureOf(native: Native, model: ModelPointer, paths: readonly string[]): ModelNature {
  const architecture = metadata(native, model, 'general.architecture')
  const poolingType = metadata(native, model, `${architecture}.pooling_type`)
  return {
    architecture,
    hasEncoder: native.llama.modelHasEncoder(model),
    hasDecoder: native.llama.modelHasDecoder(model),
    causal: metadata(native, model, `${architecture}.attention.causal`) !== 'false',
    poolingType: poolingType === '' ? undefined : Number(poolingType),
    // Lazy: reading the table is slow for a large vocabulary, and rarely needed.
    get hasClassifier() {
      return paths.some(hasClassifier)
    },
  }
}

/** llama.cpp does not expose it. */
function hasClassifier(path: string): boolean {
  using file = openGguf(path)
  return ['cls.weight', 'cls.output.weight'].some((name) => file.tensors.has(name))
}
