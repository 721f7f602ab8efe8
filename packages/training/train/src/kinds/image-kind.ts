/** What image classifiers of all architectures have in common as a run's model. */

import {
  type ImageModelConfig,
  imageInputShape,
  imageModelFlops,
  imageModelIssues,
  imageModelTensors,
  type WantedTensor,
} from '@hadal/nn'
import { adapterIssues } from '../adapter-issues.ts'
import { labelledImageIssues } from '../image-data/labelled-image-issues.ts'
import { type LabelledImages, viewsOf } from '../image-data/labelled-images.ts'
import type { ClassObjective } from '../objective.ts'
import type { RunConfig } from '../run-config.ts'
import { isLabelledImages } from '../training-data.ts'
import type { ModelKind } from './model-kind.ts'
import { cacheIssues, refusedSettings } from './refused-settings.ts'

/** What differs between the kinds of image models. */
export type OwnOfImages<Config extends ImageModelConfig> = Pick<
  ModelKind<Config>,
  'title' | 'usualTargets' | 'privateIssues' | 'withoutMixing' | 'planMemory'
>

export function imageKind<Config extends ImageModelConfig>(own: OwnOfImages<Config>): ModelKind<Config> {
  const { title } = own
  return {
    ...own,
    unit: 'images',
    isDivisible: false,
    quantizes: 'layers',
    usualObjective: ({ classes }) => ({ kind: 'classes', classes }),
    objectives: ['classes'],
    rateKeys: {},
    configIssues: imageModelIssues,
    settingIssues: (run) => [
      ...refusedSettings(run, title),
      ...cacheIssues(run.batch),
      ...(run.rates === undefined
        ? []
        : [`rates require a language model, but the model is ${title}: remove them`]),
      ...(run.checkpointing?.every === undefined
        ? []
        : [
            `checkpointing.every is ${run.checkpointing.every}; ${title} does not support checkpointing: remove it`,
          ]),
    ],
    // If the model cannot be built, no further issues are reported.
    contentIssues: (run) =>
      imageModelIssues(run.model).length > 0
        ? []
        : [...adapterIssues(run, imageModelParameters(run.model), false), ...contentIssues(run, title)],
    wholeIssues: () => [],
    privateDefaults: {},
    completed: ({ model }) => ({ model }),
    parameterCount: (model) => {
      let total = 0
      for (const { shape } of imageModelParameters(model))
        total += shape.reduce((product, size) => product * size, 1)
      return { total, activated: total }
    },
    tensors: imageModelParameters,
    rowUnits: () => 1,
    flopsPerUnit: ({ model, data }) => imageModelFlops(model) * viewsOf(data.train as LabelledImages),
    rateFactor: () => undefined,
  }
}

/** Without running statistics, which are not trained. */
export function* imageModelParameters(model: ImageModelConfig): Generator<WantedTensor, void> {
  for (const { isBuffer, ...tensor } of imageModelTensors(model)) if (!isBuffer) yield tensor
}

/** Quantised runs of image models round activations by default. */
export const roundsActivations = ({ quantization }: Pick<RunConfig, 'quantization'>): boolean =>
  quantization !== undefined && quantization.activations !== 'none'

function contentIssues({ data, objective, model }: RunConfig<ImageModelConfig>, title: string): string[] {
  const { classes } = objective as ClassObjective
  const issues =
    classes === model.classes
      ? []
      : [`objective.classes is ${classes}; the model has ${model.classes} classes (model.classes)`]
  for (const part of ['train', 'valid'] as const) {
    const own = data[part]
    const found = isLabelledImages(own)
      ? labelledImageIssues(own, imageInputShape(model), classes, part)
      : [`must be labelled images for ${title}`]
    issues.push(...found.map((issue) => `data.${part} ${issue}`))
  }
  return issues
}
