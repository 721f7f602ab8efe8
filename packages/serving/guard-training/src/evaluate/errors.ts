/** Errors of evaluation data. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const guardTooFewSources: ErrorMaker<[source: string, what: string]> = defineError({
  code: 'guard_too_few_sources',
  status: 400,
  when: 'Texts are evaluated with a classifier trained on other sources, and those contain no attacks, or only attacks.',
  message: (source, what) => `without ${source}, there are no ${what} left to train on`,
  help: 'Add data from other sources (the field "source" names them), or evaluate the guard unchanged: --as-is.',
})
