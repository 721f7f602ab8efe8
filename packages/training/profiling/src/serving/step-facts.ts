/** Step statistics of one model: contents and time breakdown. Pure. */

import { tally } from '../tally.ts'
import type { Span } from '../trace.ts'
import { numberOf, total } from './span-numbers.ts'

export interface StepFacts {
  readonly count: number
  readonly micros: number
  /** Time of steps and passes with known parts: in total, and by part. */
  readonly measuredMicros: number
  readonly nativeMicros: number
  /** `plan`, `sample`, `texts`, `own work`. */
  readonly outsideMicros: Readonly<Record<string, number>>
  /** Idle time between two steps that share sequences: there was work to compute, but nothing was computed. */
  readonly betweenMicros: number
  readonly maxBatchSize: number
  /** Sequences, over the time of steps. */
  readonly meanRunning: number
  /**
   * Steps with queued requests at their end: their time, the sequences in them, the queued requests, and the
   * share of cells in use.
   */
  readonly whileWaiting: {
    readonly micros: number
    readonly meanRunning: number
    readonly meanWaiting: number
    readonly kvCacheUsage: number
  }
  readonly decodeTokens: number
  readonly prefillTokens: number
  /** With decodes alone, with parts of prompts alone, and with both. */
  readonly decodeOnly: StepKind
  readonly prefillOnly: StepKind
  readonly mixed: StepKind
  readonly preemptions: number
  readonly draftTokens: number
  readonly acceptedDraftTokens: number
}

/** The part of a step in which native code computes. */
const computePhase = 'compute'

export interface StepKind {
  readonly count: number
  readonly micros: number
}

/** `steps`, `parts` and `passes` are in the order of their starts; passes take turns with the steps. */
export function stepFacts(
  steps: readonly Span[],
  parts: readonly Span[],
  passes: readonly Span[],
): StepFacts {
  const outsideMicros = tally()
  let nativeMicros = 0
  for (const { category, name, durationMicros } of parts)
    if (category === 'operator') nativeMicros += durationMicros
    else if (name !== computePhase) outsideMicros[name] = (outsideMicros[name] ?? 0) + durationMicros
  const measuredMicros = nativeMicros + Object.values(outsideMicros).reduce((sum, each) => sum + each, 0)
  const waited = steps.filter((step) => numberOf(step, 'waiting') > 0)
  return {
    count: steps.length,
    micros: micros(steps),
    measuredMicros,
    nativeMicros,
    outsideMicros,
    betweenMicros: betweenOf(steps, passes),
    maxBatchSize: steps.reduce((most, step) => Math.max(most, numberOf(step, 'maxBatchSize')), 0),
    meanRunning: weighted(steps, 'running'),
    whileWaiting: {
      micros: micros(waited),
      meanRunning: weighted(waited, 'running'),
      meanWaiting: weighted(waited, 'waiting'),
      kvCacheUsage: weighted(waited, 'kvCacheUsage'),
    },
    decodeTokens: sum(steps, 'decodeTokens'),
    prefillTokens: sum(steps, 'prefillTokens'),
    decodeOnly: kind(steps, (decodes, prefill) => decodes > 0 && prefill === 0),
    prefillOnly: kind(steps, (decodes, prefill) => decodes === 0 && prefill > 0),
    mixed: kind(steps, (decodes, prefill) => decodes > 0 && prefill > 0),
    preemptions: sum(steps, 'preemptions'),
    draftTokens: sum(steps, 'draftTokens'),
    acceptedDraftTokens: sum(steps, 'acceptedDraftTokens'),
  }
}

const micros = (spans: readonly Span[]): number => total(spans, ({ durationMicros }) => durationMicros)
const sum = (spans: readonly Span[], name: string): number => total(spans, (span) => numberOf(span, name))

/** The mean of an argument over the time of the spans; 0 of none. */
const weighted = (spans: readonly Span[], name: string): number =>
  total(spans, (span) => numberOf(span, name) * span.durationMicros) / Math.max(1, micros(spans))

function kind(steps: readonly Span[], is: (decodes: number, prefill: number) => boolean): StepKind {
  const own = steps.filter((step) => is(numberOf(step, 'decodeTokens'), numberOf(step, 'prefillTokens')))
  return { count: own.length, micros: micros(own) }
}

/** Gaps before steps that decode, without what passes took of them. */
function betweenOf(steps: readonly Span[], passes: readonly Span[]): number {
  let between = 0
  let pass = 0
  for (let at = 1; at < steps.length; at += 1) {
    const [before, step] = [steps[at - 1]!, steps[at]!]
    if (numberOf(step, 'decodeTokens') === 0) continue
    const [from, to] = [before.startMicros + before.durationMicros, step.startMicros]
    let free = Math.max(0, to - from)
    while (pass < passes.length && endOf(passes[pass]!) <= from) pass += 1
    for (let each = pass; each < passes.length && passes[each]!.startMicros < to; each += 1)
      free -= Math.max(0, Math.min(to, endOf(passes[each]!)) - Math.max(from, passes[each]!.startMicros))
    between += Math.max(0, free)
  }
  return between
}

const endOf = ({ startMicros, durationMicros }: Span): number => startMicros + durationMicros
