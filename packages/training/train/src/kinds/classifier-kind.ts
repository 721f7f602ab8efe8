/** Classifiers of images, or of features, as a run's model. */

import { classifierConfigIssues, groupsOf, type ImageClassifierConfig, shapesInto } from '@hadal/nn'
import { classifierMemory } from './classifier-memory.ts'
import { imageKind } from './image-kind.ts'
import type { ModelKind } from './model-kind.ts'

export const classifierKind: ModelKind<ImageClassifierConfig> = imageKind({
  title: 'an image classifier',
  // Linear layers, and the last one to the classes.
  usualTargets: (model) => [
    ...(classifierConfigIssues(model).length > 0 ? [] : model.layers).flatMap(({ kind }, index) =>
      kind === 'linear' ? [`layers.${index}`] : [],
    ),
    'head',
  ],
  privateIssues: ({ model }) => {
    const mixing = model.layers.findIndex(({ kind }) => kind === 'batch-norm')
    return mixing < 0
      ? []
      : [
          `model.layers.${mixing} is batch-norm, which mixes rows; with privacy use group-norm, or set privacy.replaceLayers`,
        ]
  },
  withoutMixing,
  planMemory: classifierMemory,
})

/** Applies `replaceBatchNorms` to the configuration. */
function withoutMixing(model: ImageClassifierConfig): ImageClassifierConfig {
  const shapes = shapesInto(model)
  const layers = model.layers.map((layer, at) =>
    layer.kind === 'batch-norm'
      ? ({ kind: 'group-norm', groups: groupsOf(shapes[at]![0]!) } as const)
      : layer,
  )
  return { ...model, layers }
}
