/** Errors of classifier weights and training data. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const guardWeightsInvalid: ErrorMaker<[where: string, why: string]> = defineError({
  code: 'guard_weights_invalid',
  status: 500,
  when: 'The weights of a classifier are truncated, altered or of another version.',
  message: (where, why) => `cannot read the weights ${where}: ${why}`,
  help: 'Train them again with `hadal guard train`, or reinstall @hadal/guard for the bundled weights.',
})

export const guardTooFewTexts: ErrorMaker<[what: string, count: number, least: number]> = defineError({
  code: 'guard_too_few_texts',
  status: 400,
  when: 'A classifier needs more texts to train or calibrate, with both attacks and benign texts.',
  message: (what, count, least) => `${count} ${what}, and at least ${least} are needed`,
  help: 'Add texts of both kinds. Metrics become meaningful with several hundred of each.',
})
