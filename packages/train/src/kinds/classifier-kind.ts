/** Classifiers of images, or of features, as a run's model. */

import {
  classifierConfigFaults,
  classifierFlops,
  classifierTensors,
  groupsOf,
  type ImageClassifierConfig,
  inputShape,
  shapesInto,
} from '@hadal/nn'
import { adapterFaults } from '../adapter-faults.ts'
import { labelledImageFaults } from '../image-data/labelled-image-faults.ts'
import { type LabelledImages, viewsOf } from '../image-data/labelled-images.ts'
import type { ClassObjective } from '../objective.ts'
import type { RunConfig } from '../run.ts'
import { isLabelledImages } from '../training-data.ts'
import { classifierMemory } from './classifier-memory.ts'
import type { ModelKind } from './model-kind.ts'
import { cacheFaults, refusedSettings } from './refused-settings.ts'

const title = 'an image classifier'

export const classifierKind: ModelKind<ImageClassifierConfig> = {
  title,
  unit: 'images',
  isDivisible: false,
  usualObjective: ({ classes }) => ({ kind: 'classes', classes }),
  objectives: ['classes'],
  // Linear layers, and the last one to the classes.
  usualTargets: (model) => [
    ...(classifierConfigFaults(model).length > 0 ? [] : model.layers).flatMap(({ kind }, index) =>
      kind === 'linear' ? [`layers.${index}`] : [],
    ),
    'head',
  ],
  rateKeys: {},
  configFaults: classifierConfigFaults,
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
  // Of a model that cannot be built nothing more is said.
  contentFaults: (run) =>
    classifierConfigFaults(run.model).length > 0
      ? []
      : [...adapterFaults(run, classifierTensors(run.model), false), ...contentFaults(run)],
  wholeFaults: () => [],
  privateDefaults: {},
  privateFaults: ({ model }) => {
    const mixing = model.layers.findIndex(({ kind }) => kind === 'batch-norm')
    return mixing < 0
      ? []
      : [
          `model.layers.${mixing} is batch-norm, which mixes rows; with privacy use group-norm, or set privacy.replaceLayers`,
        ]
  },
  withoutMixing,
  completed: ({ model }) => ({ model }),
  parameterCount: (model) => {
    let total = 0
    for (const { shape } of classifierTensors(model))
      total += shape.reduce((product, size) => product * size, 1)
    return { total, activated: total }
  },
  tensors: classifierTensors,
  rowUnits: () => 1,
  flopsPerUnit: ({ model, data }) => classifierFlops(model) * viewsOf(data.train as LabelledImages),
  rateFactor: () => undefined,
  planMemory: classifierMemory,
}

/** As `replaceBatchNorms` does it to a model. */
function withoutMixing(model: ImageClassifierConfig): ImageClassifierConfig {
  const shapes = shapesInto(model)
  const layers = model.layers.map((layer, at) =>
    layer.kind === 'batch-norm'
      ? ({ kind: 'group-norm', groups: groupsOf(shapes[at]![0]!) } as const)
      : layer,
  )
  return { ...model, layers }
}

function contentFaults({ data, objective, model }: RunConfig<ImageClassifierConfig>): string[] {
  const { classes } = objective as ClassObjective
  const faults =
    classes === model.classes
      ? []
      : [`objective.classes is ${classes}; the model tells ${model.classes} classes apart (model.classes)`]
  for (const part of ['train', 'valid'] as const) {
    const own = data[part]
    const found = isLabelledImages(own)
      ? labelledImageFaults(own, inputShape(model), classes, part)
      : [`is not labelled images, which ${title} reads`]
    faults.push(...found.map((fault) => `data.${part} ${fault}`))
  }
  return faults
}
