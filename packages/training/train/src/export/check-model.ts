/** Checks that an export is consistent: weights match the configuration, and the tokenizer fits the vocabulary. */

import { wantedTensors } from '@hadal/nn'
import { exportMismatch, exportUnsupported, vocabularyMismatch } from '../errors.ts'
import type { ModelFile } from './model-file.ts'
import { weightIssues } from './weight-issues.ts'

/**
 * Throws `train_vocabulary_mismatch` if the tokenizer has more tokens than the model, `train_export_unsupported` for the head of a
 * classifier or reward model, and `train_export_mismatch` if names or shapes differ from the configuration.
 */
export function checkModel(format: string, { config, weights, tokenizer }: ModelFile): void {
  if (tokenizer.vocabSize > config.vocab_size)
    throw vocabularyMismatch(tokenizer.vocabSize, config.vocab_size)
  if (weights.has('score.weight'))
    throw exportUnsupported(format, 'score.weight (the head of a classifier or a reward model)')
  const issues = weightIssues(wantedTensors(config), weights)
  if (issues.length > 0) throw exportMismatch(issues)
}
