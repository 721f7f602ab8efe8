/** `hadal tune` as a job: measurements are streamed as progress. */

import { parse, type TuneJobOptions, tuneJobSchema } from '@hadal/protocol'
import type { JobKindEntry } from '../job-kind.ts'

type Drawn = Exclude<keyof TuneJobOptions, 'traffic' | 'recorded'>

/** Flag of each option. */
const flags: Readonly<Record<Drawn, { readonly flag: string; readonly show?: (value: never) => string }>> = {
  rate: { flag: '--rate' },
  requests: { flag: '--requests' },
  promptTokens: { flag: '--prompt-tokens' },
  outputTokens: { flag: '--output-tokens' },
  embedShare: { flag: '--embed-share' },
  embedTokens: { flag: '--embed-tokens' },
  keys: { flag: '--keys' },
  prefixes: { flag: '--prefixes' },
  prefixTokens: { flag: '--prefix-tokens' },
  trafficSeed: { flag: '--traffic-seed' },
  threadsTried: { flag: '--threads-tried', show: (counts: readonly number[]) => counts.join(',') },
  validate: { flag: '--validate' },
  validateForMillis: { flag: '--validate-for', show: (millis: number) => `${millis}ms` },
  sloTtftMillis: { flag: '--slo-ttft', show: (millis: number) => `${millis}ms` },
  sloItlMillis: { flag: '--slo-itl', show: (millis: number) => `${millis}ms` },
}

export const tuneJob: JobKindEntry<TuneJobOptions> = {
  output: 'progress',
  hiddenOptions: ['recorded'],
  parse: (options) => parse(tuneJobSchema, options),
  command(options, { settingArgs, path }) {
    const { traffic, recorded } = options
    const said = Object.entries(flags).flatMap(([name, { flag, show = String }]) => {
      const value = options[name as Drawn]
      return value === undefined ? [] : [flag, show(value as never)]
    })
    const from = recorded === undefined ? traffic : path('traffic.jsonl')
    return {
      args: [
        'tune',
        ...settingArgs,
        ...(from === undefined ? [] : ['--traffic', from]),
        ...said,
        ...['--progress', 'json', '--json', path('result.json')],
      ],
      ...(recorded !== undefined && { files: { 'traffic.jsonl': recorded } }),
      resultFile: 'result.json',
    }
  },
}
