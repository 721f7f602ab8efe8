/** `hadal scale replay` as a job: the replays are the result. */

import { parse, type ScaleReplayJobOptions, scaleReplayJobSchema } from '@hadal/protocol'
import type { JobKindEntry } from '../job-kind.ts'

type Said = Exclude<keyof ScaleReplayJobOptions, 'day' | 'past' | 'recording' | 'against'>

/** Flag of each option. */
const flags: Readonly<Record<Said, string>> = {
  days: '--days',
  peak: '--peak',
  seed: '--seed',
  prometheus: '--prometheus',
  model: '--model',
  overlay: '--overlay',
  min: '--min',
  max: '--max',
  replicas: '--replicas',
  step: '--step',
  start: '--start',
  places: '--places',
  serviceP99: '--service-p99',
}

export const scaleReplayJob: JobKindEntry<ScaleReplayJobOptions> = {
  output: 'result',
  hiddenOptions: ['recording', 'prometheus'],
  parse: (options) => parse(scaleReplayJobSchema, options),
  command(options, { configArgs, path }) {
    const { day, past, recording, against = [] } = options
    const range = recording === undefined ? (day ?? past!) : path('recording.json')
    const said = Object.entries(flags).flatMap(([name, flag]) => {
      const value = options[name as Said]
      return value === undefined ? [] : [`${flag}=${value}`]
    })
    return {
      args: [
        ...['scale', 'replay', range, '--json'],
        ...configArgs,
        ...said,
        ...(against.length > 0 ? ['--against', ...against] : []),
      ],
      ...(recording !== undefined && { files: { 'recording.json': recording } }),
    }
  },
}
