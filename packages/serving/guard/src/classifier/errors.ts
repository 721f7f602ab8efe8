/** What can be wrong with a classifier's weights, and with what one is to be trained on. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const guardWeightsInvalid: ErrorMaker<[where: string, why: string]> = defineError({
  code: 'guard_weights_invalid',
  status: 500,
  when: 'The weights of a classifier cannot be read: cut short, changed, or of another version.',
  message: (where, why) => `the weights ${where} cannot be read: ${why}`,
  help: 'Train them again with `hadal guard train`, or reinstall @hadal/guard for the ones it ships with.',
})

export const guardTooFewTexts: ErrorMaker<[what: string, count: number, least: number]> = defineError({
  code: 'guard_too_few_texts',
  status: 400,
  when: 'A classifier is to be trained or calibrated on too few texts, or on attacks or benign texts alone.',
  message: (what, count, least) => `${count} ${what}, and at least ${least} are needed`,
  help: 'Add texts of both kinds; from some hundreds of each on, figures mean something.',
})
