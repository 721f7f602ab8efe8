/** Errors of training data. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const guardTooFewTexts: ErrorMaker<[what: string, count: number, least: number]> = defineError({
  code: 'guard_too_few_texts',
  status: 400,
  when: 'A classifier needs more texts to train or calibrate, with both attacks and benign texts.',
  message: (what, count, least) => `${count} ${what}, and at least ${least} are needed`,
  help: 'Add texts of both kinds. Metrics become meaningful with several hundred of each.',
})
