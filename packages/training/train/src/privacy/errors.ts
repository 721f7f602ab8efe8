/** Errors of private training. */

import { defineError, type ErrorMaker } from '@hadal/base'
import type { UnsupportedLayer } from '@hadal/nn'

export const layersNotPrivate: ErrorMaker<[layers: readonly UnsupportedLayer[]]> = defineError({
  code: 'train_layers_not_private',
  status: 400,
  when: 'A model for private training has layers that mix rows, or whose per-sample gradients cannot be computed.',
  message: (layers) =>
    `${layers.length} layer(s) do not support private training:${layers.map(({ name, layer, why, instead }) => `\n  - ${name || 'the model itself'} (${layer}): ${why}${instead === undefined ? '' : `; use ${instead}`}`).join('')}`,
  help: (layers) => {
    if (!layers.some(({ mixesSamples }) => mixesSamples))
      return 'Set privacy.mode to exact, which processes row by row: slower, but it supports every layer that does not mix rows.'
    return layers.some(({ instead }) => instead !== undefined)
      ? 'Build the model with the layers named, or set privacy.replaceLayers to replace BatchNorm with GroupNorm.'
      : 'Remove these layers from the model, or freeze them: a layer that mixes rows has no per-sample gradient.'
  },
  docsHelp:
    'Use the replacement layers that the error names, or set privacy.replaceLayers to replace BatchNorm with GroupNorm. Layers that do not mix rows work with privacy.mode exact; remove or freeze other layers.',
})

export const budgetSpent: ErrorMaker<[spent: number, budget: number, delta: number, steps: number]> =
  defineError({
    code: 'train_budget_spent',
    status: 409,
    when: 'The next step of a private run would exceed its privacy budget.',
    message: (spent, budget, delta, steps) =>
      `epsilon ${spent.toFixed(4)} of ${budget} is spent at delta ${delta} after ${steps} steps; one more step would exceed it`,
    help: 'Use the current weights. Or raise privacy.epsilon, which weakens the privacy guarantee: with the same privacy.noiseMultiplier, the run resumes.',
  })

export const privacyInvalid: ErrorMaker<[issues: readonly string[]]> = defineError({
  code: 'train_privacy_invalid',
  status: 400,
  when: 'The options of a private trainer have errors. All errors are listed at once.',
  message: (issues) =>
    `private training has ${issues.length} error(s):${issues.map((issue) => `\n  - ${issue}`).join('')}`,
  help: 'Correct every value listed; docs/private-training.md explains how to choose them.',
})
