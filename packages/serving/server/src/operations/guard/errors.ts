/** Errors of trying, reviewing and teaching the guard. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const guardPresetUnknown: ErrorMaker<[preset: string, presets: readonly string[]]> = defineError({
  code: 'guard_preset_unknown',
  status: 400,
  when: 'A text was to be checked with a guard preset that does not exist.',
  message: (preset, _presets) => `unknown guard preset ${JSON.stringify(preset)}`,
  help: (_preset, presets) => `Use one of ${presets.join(', ')}.`,
})

export const guardOff: ErrorMaker<[]> = defineError({
  code: 'guard_off',
  status: 404,
  when: 'A text was to be checked with the guard of a service that has none.',
  message: () => 'this service has no guard',
  help: 'Name a preset to check it with, or serve without `guard: "off"`.',
})

export const guardVerdictUnknown: ErrorMaker<[id: number]> = defineError({
  code: 'guard_verdict_unknown',
  status: 404,
  when: 'The verdict to review is not in the guard audit, or no longer.',
  message: (id) => `the guard audit has no verdict ${id}`,
  help: 'GET /hadal/guard/verdicts lists the verdicts.',
})

export const guardReviewUnknown: ErrorMaker<[id: string]> = defineError({
  code: 'guard_review_unknown',
  status: 404,
  when: 'The review to delete does not exist.',
  message: (id) => `there is no review ${JSON.stringify(id)}`,
  help: 'GET /hadal/guard/reviews lists the reviews.',
})

export const guardLearntUnknown: ErrorMaker<[id: string]> = defineError({
  code: 'guard_learnt_unknown',
  status: 404,
  when: 'The attack to forget was never taught to the guard.',
  message: (id) => `the guard has learnt no attack ${JSON.stringify(id)}`,
  help: 'GET /hadal/guard/learnt lists the learnt attacks.',
})

export const guardReviewTextDiffers: ErrorMaker<[id: number]> = defineError({
  code: 'guard_review_text_differs',
  status: 400,
  when: 'A review names a verdict and includes a text that is not the text of that verdict.',
  message: (id) => `the text differs from the text of verdict ${id}`,
  help: 'Send the text exactly as it was screened, or review the verdict without a text.',
})
