/** Residual networks as a run's model. */

import type { ResNetConfig } from '@hadal/nn'
import { imageKind } from './image-kind.ts'
import type { ModelKind } from './model-kind.ts'
import { resNetMemory } from './resnet-memory.ts'

export const resNetKind: ModelKind<ResNetConfig> = imageKind({
  title: 'a ResNet',
  usualTargets: () => ['fc'],
  privateIssues: () => [
    'model is a ResNet, whose batch norms mix rows; with privacy train an image_classifier with group-norm',
  ],
  withoutMixing: (model) => model,
  planMemory: resNetMemory,
})
