/** CLIP dual encoders as a run's model. */

import { type ClipConfig, clipConfigIssues, clipParameterCount, isResNetTower } from '@hadal/nn'
import { adapterIssues } from '../adapter-issues.ts'
import type { ImageTextPairs } from '../image-text-data/image-text-pairs.ts'
import { imageTextIssues } from '../image-text-data/pair-issues.ts'
import type { ContrastiveObjective } from '../objective.ts'
import type { RunConfig } from '../run-config.ts'
import { isImageText } from '../training-data.ts'
import { clipFlops } from './clip-flops.ts'
import { clipMemory, clipParameters } from './clip-memory.ts'
import type { ModelKind } from './model-kind.ts'
import { refusedSettings } from './refused-settings.ts'
import { type TowerRates, towerRateFactor, towerRateIssues } from './tower-rates.ts'

const title = 'a dual encoder'

export const clipKind: ModelKind<ClipConfig> = {
  title,
  unit: 'pairs',
  isDivisible: false,
  usualObjective: () => ({ kind: 'contrastive' }),
  objectives: ['contrastive'],
  usualTargets: () => ['q_proj', 'k_proj', 'v_proj', 'out_proj', 'fc1', 'fc2'],
  rateKeys: { text: true, image: true },
  configIssues,
  settingIssues: (run) => [
    ...refusedSettings(run, title),
    ...towerRateIssues((run.rates ?? {}) as TowerRates),
    ...batchIssues(run),
  ],
  // If the model cannot be built, no further issues are reported.
  contentIssues: (run) =>
    configIssues(run.model).length > 0
      ? []
      : [...adapterIssues(run, clipParameters(run.model), false), ...contentIssues(run)],
  wholeIssues: () => [],
  completed: ({ model, schedule, rates }) => ({
    model: { ...model, logit_bias_init_value: model.logit_bias_init_value ?? null },
    ...(rates && { rates: { text: schedule.peak, image: schedule.peak, ...rates } }),
  }),
  parameterCount: (model) => {
    const { total } = clipParameterCount(model)
    return { total, activated: total }
  },
  tensors: clipParameters,
  rowUnits: () => 1,
  flopsPerUnit: ({ model, data, objective }) =>
    clipFlops(model, data.train as ImageTextPairs, objective as ContrastiveObjective),
  rateFactor: ({ rates, schedule }) => rates && towerRateFactor(rates as TowerRates, schedule.peak),
  planMemory: clipMemory,
  // A contrastive loss has no gradient of one row.
  privateDefaults: {},
  privateIssues: () => [],
  withoutMixing: (model) => model,
}

/** Recipes run without a type check. */
function configIssues(model: ClipConfig): readonly string[] {
  const missing = (['text_config', 'vision_config'] as const).filter(
    (tower) => typeof model[tower] !== 'object' || model[tower] === null,
  )
  return missing.length > 0 ? missing.map((tower) => `${tower} is missing`) : clipConfigIssues(model)
}

function batchIssues({ batch, checkpointing, model, adapter }: RunConfig<ClipConfig>): string[] {
  const { accumulate, cacheRows } = batch
  const issues: string[] = []
  if (batch.windows === 1) issues.push('batch.windows is 1; a contrastive loss compares at least 2 images')
  if (accumulate > 1)
    issues.push(
      `batch.accumulate is ${accumulate}; a contrastive loss compares the rows of one pass and cannot accumulate passes: set batch.windows to the whole batch, and batch.cacheRows if it does not fit in memory`,
    )
  if (cacheRows !== undefined && checkpointing?.every !== undefined)
    issues.push(
      `batch.cacheRows is ${cacheRows} and checkpointing.every ${checkpointing.every}; both recompute the encoders: remove one`,
    )
  if (configIssues(model).length > 0 || !isResNetTower(model.vision_config)) return issues
  if (checkpointing?.every !== undefined)
    issues.push(
      `checkpointing.every is ${checkpointing.every}; the image encoder is a ResNet, which does not support it: use batch.cacheRows`,
    )
  if (cacheRows !== undefined && !adapter)
    issues.push(
      `batch.cacheRows is ${cacheRows}; the batch norms of the ResNet image encoder would use chunk statistics, each twice: train adapters, or an encoder without batch norms`,
    )
  return issues
}

function contentIssues({ data, objective, model, batch }: RunConfig<ClipConfig>): string[] {
  const { loss } = objective as ContrastiveObjective
  const issues: string[] = []
  if (loss === 'sigmoid' && (model.logit_bias_init_value ?? null) === null)
    issues.push(
      'objective.loss is "sigmoid", which learns a bias; set its initial value in model.logit_bias_init_value (-10)',
    )
  for (const part of ['train', 'valid'] as const) {
    const own = data[part]
    const found = isImageText(own)
      ? imageTextIssues(own, model)
      : [`must be images with captions for ${title}`]
    issues.push(...found.map((issue) => `data.${part} ${issue}`))
  }
  const { train } = data
  if (isImageText(train) && batch.windows > train.captions.length)
    issues.push(`batch.windows is ${batch.windows}, but data.train has only ${train.captions.length} images`)
  return issues
}
