/** What goes wrong where administrators try, review and teach the guard. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const guardPresetUnknown: ErrorMaker<[preset: string, presets: readonly string[]]> = defineError({
  code: 'guard_preset_unknown',
  status: 400,
  when: 'A text is to be tried by a preset of the guard that there is not.',
  message: (preset, _presets) => `there is no preset ${JSON.stringify(preset)}`,
  help: (_preset, presets) => `There are ${presets.join(', ')}.`,
})

export const guardOff: ErrorMaker<[]> = defineError({
  code: 'guard_off',
  status: 404,
  when: 'A text is to be tried by the guard of a service that has none.',
  message: () => 'this service has no guard',
  help: 'Name a preset to try it by, or serve without `guard: "off"`.',
})

export const guardVerdictUnknown: ErrorMaker<[id: number]> = defineError({
  code: 'guard_verdict_unknown',
  status: 404,
  when: 'A verdict is to be reviewed that the audit of the guard does not have, or no longer.',
  message: (id) => `the audit has no verdict ${id}`,
  help: 'GET /hadal/guard/verdicts lists those it has.',
})

export const guardReviewUnknown: ErrorMaker<[id: string]> = defineError({
  code: 'guard_review_unknown',
  status: 404,
  when: 'A review is to be taken back that there is not.',
  message: (id) => `there is no review ${JSON.stringify(id)}`,
  help: 'GET /hadal/guard/reviews lists those there are.',
})

export const guardLearntUnknown: ErrorMaker<[id: string]> = defineError({
  code: 'guard_learnt_unknown',
  status: 404,
  when: 'An attack is to be forgotten that the guard was not taught.',
  message: (id) => `nothing called ${JSON.stringify(id)} was learnt`,
  help: 'GET /hadal/guard/learnt lists what was.',
})

export const guardReviewTextDiffers: ErrorMaker<[id: number]> = defineError({
  code: 'guard_review_text_differs',
  status: 400,
  when: 'A review names a verdict and brings a text, and the verdict is about another text.',
  message: (id) => `this is not the text that verdict ${id} is about`,
  help: 'Bring the text exactly as it was sent, or review the verdict without one.',
})
