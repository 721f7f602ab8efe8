/** Decides whether to use speculative decoding, and the source of drafts; reports the choice with its reason. */

import type { Clock } from '@hadal/base'
import { localModel } from '../../models/local-model.ts'
import type { LlamaConfig } from '../options.ts'
import { DraftModel } from './draft-model.ts'
import type { LoadedModel } from './open-generator.ts'
import { Speculation } from './speculation.ts'

export interface OpenedSpeculation {
  readonly speculation?: Speculation
  readonly choice: string
}

/** Throws `model_unusable` and `draft_model_unfit` if a draft model was given and cannot be used. */
export async function openSpeculation(
  { speculation: mode, draftModelPath, draftTokens, maxBatchSize, gpuLayers }: LlamaConfig,
  model: LoadedModel,
  clock: Clock,
): Promise<OpenedSpeculation> {
  if (mode === 'off') return off('as configured')
  if (!model.divisible) return off('this model cannot take tokens back')
  if (mode === 'auto' && model.plan.invariant) return off('it breaks batch invariance')
  const options = { mode, draftTokens }
  const length = mode === 'on' ? `${draftTokens} tokens` : `up to ${draftTokens} tokens where measured to pay`
  if (draftModelPath === null)
    return {
      speculation: new Speculation(options),
      choice: `speculation: ${length}, guessed from what was said before`,
    }
  const [path] = await localModel(draftModelPath)
  const draftModel = new DraftModel(model.native, {
    path: path!,
    slots: maxBatchSize,
    contextLength: model.plan.contextLength,
    threads: model.threads,
    threadpool: model.pool,
    gpuLayers,
    vocabulary: model.vocabulary,
    clock,
  })
  return {
    speculation: new Speculation({ ...options, draftModel }),
    choice: `speculation: ${length}, guessed by ${draftModel.name}`,
  }
}

const off = (reason: string): OpenedSpeculation => ({ choice: `speculation: off (${reason})` })
