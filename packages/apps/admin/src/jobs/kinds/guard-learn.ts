/** `hadal guard learn` as a job: a text, which stands in no list of processes, becomes a known attack. */

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
