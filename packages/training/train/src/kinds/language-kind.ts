/** Language models as a run's model. */

import {
  headDim,
  isDeepSeekConfig,
  type LayerRates,
  layerRateFactor,
  layerRateIssues,
  type ModelConfig,
  modelConfigIssues,
  modelParameterCount,
  ratesByLayer,
  trainingFlopsPerToken,
  usualChunk,
  wantedTensors,
} from '@hadal/nn'
import { adapterIssues } from '../adapter-issues.ts'
import { segmentsOf, targetIssue } from '../checkpointing/segments-of.ts'
import { dataIssues } from '../data-issues.ts'
import { planMemory } from '../memory/plan-memory.ts'
import { tokenObjective } from '../objective.ts'
import { dividedBatchIssues } from '../parallel/data-issues.ts'
import { dividedIssues } from '../parallel/divided-issues.ts'
import { widestPrecision } from '../quantization/quantization-of.ts'
import { sampleIssues } from '../sample-issues.ts'
import { isPairs, windowLength } from '../training-data.ts'
import type { ModelKind } from './model-kind.ts'
import { cacheIssues } from './refused-settings.ts'

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
  configIssues: modelConfigIssues,
  settingIssues: ({ rates, schedule, model, evaluate, batch }) => [
    ...cacheIssues(batch),
    ...layerRateIssues((rates ?? {}) as LayerRates, schedule.peak, model.num_hidden_layers).map(
      (issue) => `rates.${issue}`,
    ),
    ...(evaluate.samples === undefined ? [] : sampleIssues(evaluate.samples, model.vocab_size)),
  ],
  contentIssues: (run) => [
    ...adapterIssues(run, wantedTensors(run.model), run.model.tie_word_embeddings),
    ...dataIssues(run.data, run.objective, run.model),
  ],
  wholeIssues: (run) => {
    const issues = [...dividedIssues(run), ...dividedBatchIssues(run)]
    const unmet = issues.length === 0 ? targetIssue(run) : undefined
    return unmet === undefined ? issues : [unmet]
  },
  // A chunked loss has no per-row values.
  privateDefaults: { lossChunkTokens: 0, expertBalanceRate: 0 },
  privateIssues: ({ model, privacy, expertBalanceRate }) => {
    if (!isDeepSeekConfig(model) || model.moe === null) return []
    const issues: string[] = []
    if (privacy?.mode !== 'exact')
      issues.push('model has experts, which mix tokens of several rows; set privacy.mode to exact')
    if (expertBalanceRate > 0)
      issues.push(
        `expertBalanceRate is ${expertBalanceRate}; it must be 0 with privacy, because it uses the expert load, which the budget does not cover`,
      )
    return issues
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
