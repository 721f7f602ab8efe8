/** Output of `hadal tune --progress json`: one line per measurement. */

import type { Terminal } from '@hadal/output'
import type { TunePoint, TuneProgress } from '@hadal/protocol'
import type { Knobs } from './knobs.ts'
import type { Observation, TuneObserver } from './tune-plan.ts'

export interface TuneReported {
  begin(begin: Omit<Extract<TuneProgress, { readonly type: 'begin' }>, 'type'>): void
  readonly observer: TuneObserver
}

export function tuneProgress({ print }: Pick<Terminal, 'print'>): TuneReported {
  const notify = (progress: TuneProgress): void => print(JSON.stringify(progress))
  return {
    begin: (begin) => notify({ type: 'begin', ...begin }),
    observer: {
      onPhase: (phase, text) => notify({ type: 'phase', phase, text }),
      onCosts: ({ threads, step, medianError }) =>
        notify({
          type: 'costs',
          threads,
          perStep: step.perStep,
          perDecodeToken: step.perDecodeToken,
          perPrefillToken: step.perPrefillToken,
          medianError,
        }),
      onSlowdown: (factor) => notify({ type: 'slowdown', factor }),
      onSimulated: (knobs, report, isKept) => notify({ type: 'point', ...pointOf(knobs, report, isKept) }),
      onAttempt: ({ name, knobs }, { offered, report, broken }) =>
        notify({
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
