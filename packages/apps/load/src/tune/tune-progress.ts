/** Output of `hadal tune --progress json`: one line per measurement. */

import type { Terminal } from '@hadal/output'
import type { TunePoint, TuneProgress } from '@hadal/protocol'
import type { Knobs } from './knobs.ts'
import type { Observation, TuneObserver } from './tune-plan.ts'

export interface TuneTold {
  begin(begin: Omit<Extract<TuneProgress, { readonly type: 'begin' }>, 'type'>): void
  readonly observer: TuneObserver
}

export function tuneProgress({ print }: Pick<Terminal, 'print'>): TuneTold {
  const tell = (progress: TuneProgress): void => print(JSON.stringify(progress))
  return {
    begin: (begin) => tell({ type: 'begin', ...begin }),
    observer: {
      onPhase: (phase, text) => tell({ type: 'phase', phase, text }),
      onCosts: ({ threads, step, medianError }) =>
        tell({
          type: 'costs',
          threads,
          perStep: step.perStep,
          perDecodeToken: step.perDecodeToken,
          perPrefillToken: step.perPrefillToken,
          medianError,
        }),
      onSlowdown: (factor) => tell({ type: 'slowdown', factor }),
      onSimulated: (knobs, report, isKept) => tell({ type: 'point', ...pointOf(knobs, report, isKept) }),
      onAttempt: ({ name, knobs }, { offered, report, broken }) =>
        tell({
          type: 'attempt',
          name,
          offered,
          failed: report.requests - report.done,
          ...pointOf(knobs, report, broken.length === 0),
        }),
    },
  }
}

function pointOf(knobs: Knobs, report: Observation, isKept: boolean): TunePoint {
  const { requestsPerSecond, ttftMillis, itlMillis, embedMillis } = report
  return {
    knobs,
    requestsPerSecond,
    isKept,
    ...(ttftMillis !== undefined && { ttftMillis: ttftMillis.p99 }),
    ...(itlMillis !== undefined && { itlMillis: itlMillis.p99 }),
    ...(embedMillis !== undefined && { embedMillis: embedMillis.p99 }),
  }
}
