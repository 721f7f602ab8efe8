/** `hadal guard learn` as a job: learns a text, which does not appear in process lists. */

import { type GuardLearnOptions, guardLearnSchema, parse } from '@hadal/protocol'
import type { JobKindEntry } from '../job-kind.ts'

export const guardLearnJob: JobKindEntry<GuardLearnOptions> = {
  output: 'result',
  hiddenOptions: ['text'],
  parse: (options) => parse(guardLearnSchema, options),
  command: ({ text, source = 'console' }, { configArgs }) => ({
    args: ['guard', 'learn', '-', ...configArgs, '--source', source, '--json'],
    input: text,
  }),
}
