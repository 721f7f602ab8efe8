/** The view of a language model that passes use: chunked loss, and layers on a tape during training. */

import {
  chunkedTokenLoss,
  DeepSeek,
  type ExpertBalance,
  type HiddenModel,
  type LanguageModel,
  type RunParts,
  runOnTape,
  usualChunk,
} from '@hadal/nn'
import { copyToGroup } from '@hadal/tensor'
import type { TrainedWith } from './open-model.ts'

/** `chunkTokens` of 0 is a loss over all logits at once. Without `trained` it only reads, layers as `readParts` does. */
export function languageView(
  model: LanguageModel,
  chunkTokens: number | undefined,
  trained?: TrainedWith,
  readParts?: RunParts,
): HiddenModel {
  const { headWeight, config, shard } = model
  const vocabulary = shard && shard.tensor.size > 1 ? shard.tensor : undefined
  const chunk = chunkTokens ?? usualChunk(headWeight?.shape[0] ?? config.vocab_size)
  const runParts = trained?.segments
    ? runOnTape(trained.tape, trained.segments, trained.parameters)
    : readParts
  const hidden = hiddenOf(model, runParts, trained?.balance)
  return {
    config,
    hidden,
    forward: (ids_bt, segments_bt) => model.logits(hidden(ids_bt, segments_bt)),
    tokenLoss:
      headWeight && chunk > 0
        ? (hidden_btd, targets_bt, options) =>
            chunkedTokenLoss(
              vocabulary ? copyToGroup(hidden_btd, vocabulary) : hidden_btd,
              headWeight,
              targets_bt,
              options,
              chunk,
              trained?.tape,
              vocabulary,
            )
        : undefined,
  }
}

const hiddenOf =
  (
    model: LanguageModel,
    runParts: RunParts | undefined,
    balance: ExpertBalance | undefined,
  ): HiddenModel['hidden'] =>
  (ids_bt, segments_bt) =>
    model instanceof DeepSeek
      ? model.hidden(ids_bt, segments_bt, runParts, balance?.observe)
      : model.hidden(ids_bt, segments_bt, runParts)
