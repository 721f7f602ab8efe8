/** Errors of private training. */

import { defineError, type ErrorMaker } from '@hadal/base'
import type { UnsupportedLayer } from '@hadal/nn'

export const layersNotPrivate: ErrorMaker<[layers: readonly UnsupportedLayer[]]> = defineError({
  code: 'train_layers_not_private',
  status: 400,
  when: 'A model is to be trained privately that has layers whose gradients cannot be told apart by row, or that mix rows.',
  message: (layers) =>
    `${layers.length} layer(s) cannot be trained privately:${layers
      .map(
        ({ name, layer, why, instead }) =>
          `\n  - ${name || 'the model itself'} (${layer}): ${why}${instead === undefined ? '' : `; use ${instead}`}`,
      )
      .join('')}`,
  help: (layers) => {
    if (!layers.some(({ mixesSamples }) => mixesSamples))
      return 'Set privacy.mode to exact, which takes row by row: slower, for any layer that does not mix rows.'
    return layers.some(({ instead }) => instead !== undefined)
      ? 'Build the model with the layers named, or set privacy.replaceLayers for GroupNorm in place of BatchNorm.'
      : 'Take these layers out of the model, or freeze them: what mixes rows has no gradient of one row.'
  },
})

export const budgetSpent: ErrorMaker<[spent: number, budget: number, delta: number, steps: number]> =
  defineError({
    code: 'train_budget_spent',
    status: 409,
    when: 'A private run is asked for a step that its budget does not pay any more.',
    message: (spent, budget, delta, steps) =>
      `epsilon ${spent.toFixed(4)} of ${budget} is spent at delta ${delta}, in ${steps} steps; one step more would go past it`,
    help: 'Use the weights as they are. Or raise privacy.epsilon, knowing what that gives away: with privacy.noiseMultiplier as it was, the run goes on.',
  })

export const privacyInvalid: ErrorMaker<[faults: readonly string[]]> = defineError({
  code: 'train_privacy_invalid',
  status: 400,
  when: "A private trainer's options have faults; all are listed at once.",
  message: (faults) =>
    `private training has ${faults.length} fault(s):${faults.map((fault) => `\n  - ${fault}`).join('')}`,
  help: 'Correct every value listed; docs/private-training.md says how to choose them.',
})
