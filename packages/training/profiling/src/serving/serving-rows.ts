/** The facts of a model as rows of a table, for terminals and pages. Pure. */

import type { ServingFacts } from './serving-facts.ts'
import { decimal, millis, percent } from './serving-words.ts'

/** Label and value. */
export type ServingRow = readonly [what: string, figure: string]

export function servingRows({ totalMicros, steps, requests, passes, queue }: ServingFacts): ServingRow[] {
  const seconds = Math.max(1, totalMicros) / 1e6
  const each = (micros: number, count: number): string => millis(micros / Math.max(1, count))
  const rows: ServingRow[] = []
  const row = (what: string, figure: string): void => void rows.push([what, figure])
  if (steps.count > 0) {
    row(
      'steps',
      `${steps.count}, ${each(steps.micros, steps.count)} each, ${percent(steps.micros / totalMicros)} of the time`,
    )
    row('sequences per step', `${decimal(steps.meanRunning)} of ${steps.maxBatchSize}`)
    for (const [what, kind] of [
      ['decode only', steps.decodeOnly],
      ['prefill only', steps.prefillOnly],
      ['mixed', steps.mixed],
    ] as const)
      if (kind.count > 0)
        row(
          `  ${what}`,
          `${kind.count}, ${each(kind.micros, kind.count)} each, ${percent(kind.micros / steps.micros)}`,
        )
    row(
      'tokens',
      `${rate(steps.decodeTokens, seconds)} decoded, ${rate(steps.prefillTokens, seconds)} of prompts`,
    )
  }
  if (steps.measuredMicros > 0) {
    // Parts are those of passes, too.
    const count = steps.count + passes.count
    const one = passes.count === 0 ? 'a step' : steps.count === 0 ? 'a pass' : 'a step or pass'
    const share = (micros: number): string =>
      `${percent(micros / steps.measuredMicros)}, ${each(micros, count)} ${one}`
    row('native code', share(steps.nativeMicros))
    for (const [name, micros] of Object.entries(steps.outsideMicros).sort(([, a], [, b]) => b - a))
      row(`  ${name}`, share(micros))
    if (steps.count > 0) row('between steps', each(steps.betweenMicros, steps.count))
  }
  if (steps.draftTokens > 0)
    row(
      'draft tokens',
      `${steps.draftTokens}, ${percent(steps.acceptedDraftTokens / steps.draftTokens)} accepted`,
    )
  if (steps.preemptions > 0) row('preemptions', String(steps.preemptions))
  if (passes.count > 0)
    row('passes', `${passes.count}, ${each(passes.micros, passes.count)} each, ${passes.inputs} inputs`)
  row('queued', queue.most === 0 ? 'nobody' : `${decimal(queue.mean)} on average, ${queue.most} at most`)
  if (requests.count > 0) row('requests', requestsLine(requests))
  if (requests.answered > 0) {
    const { medianFirstTokenMillis: median, slowFirstTokenMillis: slow, meanQueueMillis } = requests
    row(
      'first token',
      `${millis(median * 1000)} median, ${millis(slow * 1000)} P95, ${millis(meanQueueMillis * 1000)} of it queued`,
    )
  }
  if (requests.promptTokens > 0)
    row('prefix-cache hit rate', percent(requests.cachedTokens / requests.promptTokens))
  return rows
}

const rate = (tokens: number, seconds: number): string => `${Math.round(tokens / seconds)}/s`

function requestsLine({ byOperation, failed }: ServingFacts['requests']): string {
  const kinds = Object.entries(byOperation).map(([name, count]) => `${count} ${name}`)
  return [...kinds, ...(failed > 0 ? [`${failed} failed`] : [])].join(', ')
}
