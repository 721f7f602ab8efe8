/** Language models as a run's model. */

import {
  headDim,
  isDeepSeekConfig,
  type LayerRates,
  layerRateFactor,
  layerRateFaults,
  type ModelConfig,
  modelConfigFaults,
  modelParameterCount,
  ratesByLayer,
  trainingFlopsPerToken,
  usualChunk,
  wantedTensors,
} from '@hadal/nn'
import { adapterFaults } from '../adapter-faults.ts'
import { segmentsOf, targetFault } from '../checkpointing/segments-of.ts'
import { dataFaults } from '../data-faults.ts'
import { planMemory } from '../memory/plan-memory.ts'
import { tokenObjective } from '../objective.ts'
import { dividedBatchFaults } from '../parallel/data-faults.ts'
import { dividedFaults } from '../parallel/divided-faults.ts'
import { widestPrecision } from '../quantization/quantization-of.ts'
import { sampleFaults } from '../sample-faults.ts'
import { isPairs, windowLength } from '../training-data.ts'
import type { ModelKind } from './model-kind.ts'
import { cacheFaults } from './refused-settings.ts'

const rateKeys: Readonly<Record<keyof LayerRates, true>> = {
  bottom: true,
  top: true,
  shape: true,
  decay: true,
}

export const languageKind: ModelKind<ModelConfig> = {
  title: 'a language model',
  unit: 'tokens',
  isDivisible: true,
  usualObjective: () => tokenObjective,
  objectives: ['tokens', 'dpo', 'ipo', 'reward', 'classes'],
  quantizes: 'matrices',
  rateKeys,
  configFaults: modelConfigFaults,
  settingFaults: ({ rates, schedule, model, evaluate, batch }) => [
    ...cacheFaults(batch),
    ...layerRateFaults((rates ?? {}) as LayerRates, schedule.peak, model.num_hidden_layers).map(
      (fault) => `rates.${fault}`,
    ),
    ...(evaluate.samples === undefined ? [] : sampleFaults(evaluate.samples, model.vocab_size)),
  ],
  contentFaults: (run) => [
    ...adapterFaults(run, wantedTensors(run.model), run.model.tie_word_embeddings),
    ...dataFaults(run.data, run.objective, run.model),
  ],
  wholeFaults: (run) => {
    const faults = [...dividedFaults(run), ...dividedBatchFaults(run)]
    const unmet = faults.length === 0 ? targetFault(run) : undefined
    return unmet === undefined ? faults : [unmet]
  },
  // A chunked loss has no per-row values.
  privateDefaults: { lossChunkTokens: 0, expertBalanceRate: 0 },
  privateFaults: ({ model, privacy, expertBalanceRate }) => {
    if (!isDeepSeekConfig(model) || model.moe === null) return []
    const faults: string[] = []
    if (privacy?.mode !== 'exact')
      faults.push('model has experts, which read tokens of many rows together; set privacy.mode to exact')
    if (expertBalanceRate > 0)
      faults.push(
        `expertBalanceRate is ${expertBalanceRate}; it goes by the load of experts, which no budget covers, so with privacy it must be 0`,
      )
    return faults
  },
  withoutMixing: (model) => model,
  completed: ({ model, objective, schedule, rates, lossChunkTokens }) => ({
    model: completedModel(model),
    ...(objective.kind === 'tokens' && { lossChunkTokens: lossChunkTokens ?? usualChunk(model.vocab_size) }),
    ...(rates && { rates: ratesByLayer(rates as LayerRates, schedule.peak, model.num_hidden_layers) }),
  }),
  parameterCount: modelParameterCount,
  tensors: wantedTensors,
  rowUnits: ({ data: { train } }) => windowLength(train) * (isPairs(train) ? 2 : 1),
  flopsPerUnit: ({ model, data }) => trainingFlopsPerToken(model, windowLength(data.train)),
  rateFactor: ({ rates, schedule, model }) =>
    rates && layerRateFactor(rates as LayerRates, schedule.peak, model.num_hidden_layers),
  planMemory: (run) => planMemory({ ...run, precision: widestPrecision(run) }, segmentsOf(run)),
}

const completedModel = (model: ModelConfig): ModelConfig =>
  isDeepSeekConfig(model)
    ? model
    : {
        ...model,
        model_type: model.model_type ?? 'llama',
        head_dim: headDim(model),
        rope_scaling: model.rope_scaling ?? null,
      }
