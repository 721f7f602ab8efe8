/** `hadal guard eval` as a job: on texts of Hadal, on reviews, or on labelled texts that are given. */

import { type GuardEvalOptions, guardEvalSchema, parse } from '@hadal/protocol'
import type { JobKindEntry } from '../job-kind.ts'

export const guardEvalJob: JobKindEntry<GuardEvalOptions> = {
  output: 'text',
  hiddenOptions: ['given'],
  parse: (options) => parse(guardEvalSchema, options),
  command({ source, given, rate, preset, asIs }, { configArgs, path }) {
    const texts = given === undefined ? ['--texts', source ?? 'reviews'] : [path('given.jsonl')]
    return {
      args: [
        ...['guard', 'eval', ...texts, ...configArgs],
        ...(preset === undefined ? [] : ['--preset', preset]),
        ...(rate === undefined ? [] : ['--rate', String(rate)]),
        ...(asIs === true ? ['--as-is'] : []),
        ...['--json', path('report.json')],
      ],
      ...(given !== undefined && { files: { 'given.jsonl': given } }),
      resultFile: 'report.json',
    }
  },
}
