/** Whether what is to be exported is one model: its weights those of its configuration, its tokenizer not too large for it. */

import { type ModelConfig, wantedTensors } from '@hadal/nn'
import { exportMismatch, exportUnsupported, vocabularyMismatch } from '../errors.ts'
import type { Weights } from '../weights.ts'
import type { ModelFile } from './model-file.ts'

/**
 * Throws `train_vocabulary_mismatch` where the tokenizer has more tokens than the model, `train_export_unsupported` for the head of
 * a classifier or reward model, and `train_export_mismatch` where names or shapes are not what the configuration asks for.
 */
export function checkModel(format: string, { config, weights, tokenizer }: ModelFile): void {
  if (tokenizer.vocabSize > config.vocab_size)
    throw vocabularyMismatch(tokenizer.vocabSize, config.vocab_size)
  if (weights.has('score.weight'))
    throw exportUnsupported(format, 'score.weight (the head of a classifier or a reward model)')
  const faults = weightFaults(config, weights)
  if (faults.length > 0) throw exportMismatch(faults)
}

/** What is too much stands first: it says what the weights are of. */
function weightFaults(config: ModelConfig, weights: Weights): string[] {
  const wanted = new Map<string, readonly number[]>()
  for (const { name, shape } of wantedTensors(config)) wanted.set(name, shape)
  const faults = [...weights.keys()]
    .filter((name) => !wanted.has(name))
    .map((name) => `${name} is no weight of a model with this configuration`)
  for (const [name, shape] of wanted) {
    const found = weights.get(name)?.shape
    if (!found) faults.push(`${name} [${shape.join(', ')}] is missing`)
    else if (String(found) !== String(shape))
      faults.push(`${name} is [${found.join(', ')}], not [${shape.join(', ')}]`)
  }
  return faults
}
