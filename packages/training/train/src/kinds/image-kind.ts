/** What image classifiers of all architectures have in common as a run's model. */

import {
  type ImageModelConfig,
  imageInputShape,
  imageModelFaults,
  imageModelFlops,
  imageModelTensors,
  type WantedTensor,
} from '@hadal/nn'
import { adapterFaults } from '../adapter-faults.ts'
import { labelledImageFaults } from '../image-data/labelled-image-faults.ts'
import { type LabelledImages, viewsOf } from '../image-data/labelled-images.ts'
import type { ClassObjective } from '../objective.ts'
import type { RunConfig } from '../run-config.ts'
import { isLabelledImages } from '../training-data.ts'
import type { ModelKind } from './model-kind.ts'
import { cacheFaults, refusedSettings } from './refused-settings.ts'

/** What differs between the kinds of image models. */
export type OwnOfImages<Config extends ImageModelConfig> = Pick<
  ModelKind<Config>,
  'title' | 'usualTargets' | 'privateFaults' | 'withoutMixing' | 'planMemory'
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
    configFaults: imageModelFaults,
    settingFaults: (run) => [
      ...refusedSettings(run, title),
      ...cacheFaults(run.batch),
      ...(run.rates === undefined
        ? []
        : [`rates go by the layers of a language model, and the model is ${title}: leave them out`]),
      ...(run.checkpointing?.every === undefined
        ? []
        : [
            `checkpointing.every is ${run.checkpointing.every}; ${title} keeps what its layers compute: leave it out`,
          ]),
    ],
    // If the model cannot be built, no further issues are reported.
    contentFaults: (run) =>
      imageModelFaults(run.model).length > 0
        ? []
        : [...adapterFaults(run, imageModelParameters(run.model), false), ...contentFaults(run, title)],
    wholeFaults: () => [],
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

function contentFaults({ data, objective, model }: RunConfig<ImageModelConfig>, title: string): string[] {
  const { classes } = objective as ClassObjective
  const faults =
    classes === model.classes
      ? []
      : [`objective.classes is ${classes}; the model tells ${model.classes} classes apart (model.classes)`]
  for (const part of ['train', 'valid'] as const) {
    const own = data[part]
    const found = isLabelledImages(own)
      ? labelledImageFaults(own, imageInputShape(model), classes, part)
      : [`is not labelled images, which ${title} reads`]
    faults.push(...found.map((fault) => `data.${part} ${fault}`))
  }
  return faults
}
