/** What can be wrong with what a guard is to be measured by. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const guardTooFewSources: ErrorMaker<[source: string, what: string]> = defineError({
  code: 'guard_too_few_sources',
  status: 400,
  when: 'Texts are to be measured by what was trained on other sources, and those hold no attacks, or nothing but attacks.',
  message: (source, what) => `without ${source} there are no ${what} left to train on`,
  help: 'Name more data, of other sources (the field "source" says which), or measure the guard as it is: --as-is.',
})
